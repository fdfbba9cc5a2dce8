// The zones' names are those of the public cloud's private links; `environment()` knows only some of them.
@export()
@description('Private DNS zones by service.')
var zoneNames = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  #disable-next-line no-hardcoded-env-urls // the suffix of vaults is another one than that of their private link
  vault: 'privatelink.vaultcore.azure.net'
  namespace: 'privatelink.servicebus.windows.net'
  sites: 'privatelink.azurewebsites.net'
}

@export()
@description('A network that alone reaches what is inside: where endpoints are put, and the zones that name them.')
type Private = {
  @description('Subnet of the private endpoints.')
  subnetId: string
  @description('Private DNS zones by service.')
  zones: {
    blob: string
    queue: string
    table: string
    vault: string
    namespace: string
    sites: string
  }
}

@export()
@description('What one part may do, as `permissions.yaml` says, with the things that are its own.')
type PartRights = {
  @description('Object id of its identity.')
  principalId: string
  @description('Account of its host, and of the task hub where it has a right on that.')
  hostAccount: string
  @description('Its vault.')
  vault: string
  @description('Rights by table.')
  tables: { *: 'read' | 'append' | 'write' }
  @description('Rights by queue or topic.')
  queues: { *: ('send' | 'listen')[] }
  @description('Whether it runs orchestrations.')
  taskHub: bool
  @description('The key of its vault that it signs with; empty = none.')
  signs: string
  @description('Whether it adds to the audit copy.')
  auditCopy: bool
}

@export()
@description('A ServiceNow site.')
@sealed()
type ServiceNow = {
  @description('Address of the site, https.')
  url: string
  @description('OAuth client of this system at the site.')
  clientId: string
  @description('How the site signs its webhooks; left out, base64.')
  signatureEncoding: ('base64' | 'hex')?
}

@export()
@description('A Jira Cloud site.')
@sealed()
type Jira = {
  @description('Address of the site, https.')
  url: string
  @description('Account of this system at the site.')
  user: string
  @description('Whether Jira Automation may call too; left out, no.')
  automation: bool?
}
