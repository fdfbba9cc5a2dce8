// Zero Standing in Azure: one function app for each part, and what they stand on. `azd up` deploys it; see README.md.
targetScope = 'subscription'

import { permissions, tableNames, together } from 'rights.bicep'
import { Jira, Private, ServiceNow, zoneNames } from 'types.bicep'

@description('Required. Name of the environment; resources are named after it.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Required. Region.')
@minLength(1)
param location string

@description('Optional. split: front, worker and sweeper, each with an identity of its own. single: one app for all, to try it out.')
@allowed(['split', 'single'])
param deployment string = 'split'

@description('Optional. Where the task hub is: a storage account, or a Durable Task Scheduler where that is outgrown (docs/cost.md).')
@allowed(['storage', 'dts'])
param durableBackend string = 'storage'

@description('Optional. private: storage, vaults, bus, worker and sweeper are reached through one network only.')
@allowed(['public', 'private'])
param networkAccess string = 'public'

@description('Optional. Addresses of the network where access is private: /24 or larger.')
param addressSpace string = '10.60.0.0/24'

@description('Optional. Address ranges that may call the front; empty = all.')
param frontAllowedRanges string[] = []

@description('Optional. Address that people and webhooks use, https; empty = that of the front in Azure.')
param publicUrl string = ''

@description('Required. Client id of the registration of the API.')
@minLength(36)
@maxLength(36)
param apiClientId string

@description('Required. Client ids that may call the API.')
@minLength(1)
param apiCallerClientIds string[]

@description('Required. Client id of the registration behind the browser sign-in.')
@minLength(36)
@maxLength(36)
param signInClientId string

@description('Required. Object id of the mailbox that messages are sent from.')
@minLength(36)
@maxLength(36)
param mailSender string

@description('Optional. The worker\'s public key, SPKI PEM; required for a split deployment, whose front cannot derive it.')
param workerPublicKey string = ''

@description('Optional. Public half of the key that signs checkpoints, SPKI PEM, which the front shows to auditors; known after the first deployment.')
param checkpointPublicKey string = ''

@description('Required. Systems that ask by message, as the policy names them; each gets a queue.')
@maxLength(50)
param senders string[]

@description('Optional. Who gets events: each has a subscription of the topic `activation-events`, in order within an activation.')
@maxLength(50)
param subscribers string[] = []

@description('Optional. The ServiceNow site; this or Jira is required.')
param servicenow ServiceNow?

@description('Optional. The Jira Cloud site; this or ServiceNow is required.')
param jira Jira?

@description('Required. Who gets the alerts.')
@minLength(1)
param alertMails string[]

@description('Required. Object ids of the break-glass accounts: their sign-ins raise an alert.')
@minLength(1)
param breakGlassAccounts string[]

@description('Optional. Name of the durable task hub.')
@minLength(3)
@maxLength(45)
param taskHubName string = 'ZeroStanding'

@description('Optional. Days for which a line of the audit copy can be neither changed nor removed.')
@minValue(1)
@maxValue(146000)
param auditRetentionDays int = 400

@description('Optional. Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Optional. Instances of each part at most.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Optional. Keeps one instance warm for pages and webhooks and one for what they hand over, besides that of the task hub.')
param warmDoors bool = false

// What cannot be together. All of it is said at once, before anything is made.
var single = deployment == 'single'
var isPrivate = networkAccess == 'private'
var sites = concat(servicenow == null ? [] : [servicenow!.url], jira == null ? [] : [jira!.url])
var problems = map(
  filter(
    [
      { wrong: empty(sites), says: 'servicenow or jira is needed: without a ticket system nothing is granted' }
      { wrong: !single && empty(workerPublicKey), says: 'workerPublicKey is needed: the front encrypts sign-ins to it' }
      {
        wrong: single && isPrivate
        says: 'deployment=single is for trying it out: private access needs deployment=split'
      }
      {
        wrong: isPrivate && durableBackend == 'dts'
        says: 'a Durable Task Scheduler has no private endpoint here: private access needs durableBackend=storage'
      }
      {
        wrong: !isPrivate && addressSpace != '10.60.0.0/24'
        says: 'addressSpace says something, and networkAccess is public'
      }
      {
        wrong: !empty(filter(concat(sites, empty(publicUrl) ? [] : [publicUrl]), url => !startsWith(url, 'https://')))
        says: 'addresses begin with https://'
      }
      { wrong: contains(senders, 'rejected'), says: 'no sender may be called rejected: that queue is taken' }
      { wrong: length(union(senders, [])) != length(senders), says: 'a sender is named twice' }
    ],
    problem => problem.wrong
  ),
  problem => problem.says
)
var groupName = empty(problems) ? 'rg-${environmentName}' : fail(join(problems, '; '))

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }

// Who may do what.
var rights = single ? [together] : [permissions.front, permissions.worker, permissions.sweeper]
var parts = map(rights, part => part.name)

// Names that must be unique in the world, and short.
var hostAccounts = map(parts, part => 'st${take(part, 7)}${token}')
var vaultNames = map(parts, part => 'kv-${take(part, 7)}-${token}')
var appNames = map(parts, part => 'func-${part}-${token}')
var tablesAccount = 'sttables${token}'
var auditAccount = 'staudit${token}'
var componentName = 'appi-${token}'
var busName = 'sb-${token}'
var schedulerName = 'dts-${token}'
var networkName = 'vnet-${token}'
var networkId = resourceId(subscription().subscriptionId, groupName, 'Microsoft.Network/virtualNetworks', networkName)
var private Private? = isPrivate
  ? {
      subnetId: '${networkId}/subnets/endpoints'
      zones: mapValues(
        zoneNames,
        zone => resourceId(subscription().subscriptionId, groupName, 'Microsoft.Network/privateDnsZones', zone)
      )
    }
  : null
var auditContainer = 'audit'
var packageContainer = 'package'
var topics = ['activation-events']
var copies = ['requests-rejected']
var requestQueues = map(senders, sender => 'requests-${sender}')

// Secrets of a ticket system that is not there are not asked for.
var absent = concat(
  servicenow == null ? filter(together.secrets, name => startsWith(name, 'SERVICENOW_')) : [],
  jira == null ? filter(together.secrets, name => startsWith(name, 'JIRA_')) : [],
  jira.?automation ?? false ? [] : ['JIRA_AUTOMATION_SECRETS']
)

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: groupName
  location: location
  tags: tags
}

module monitor 'modules/monitor.bicep' = {
  scope: group
  name: 'monitor'
  params: {
    location: location
    token: token
    componentName: componentName
    tags: tags
    retentionDays: logRetentionDays
  }
}

module network 'modules/network.bicep' = if (isPrivate) {
  scope: group
  name: 'network'
  params: {
    name: networkName
    location: location
    token: token
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    parts: parts
    addressSpace: addressSpace
  }
}

// Each part's host has an account of its own; the worker's holds the task hub, on which no other part has a right.
module hosts 'modules/storage.bicep' = [
  for (part, i) in rights: {
    scope: group
    name: 'host-${part.name}'
    params: {
      name: hostAccounts[i]
      location: location
      tags: tags
      workspaceId: monitor.outputs.workspaceId
      services: part.?taskHub ?? false ? ['blob', 'queue', 'table'] : ['blob']
      containers: [packageContainer]
      private: private
    }
    dependsOn: [network]
  }
]

module tables 'modules/storage.bicep' = {
  scope: group
  name: 'tables'
  params: {
    name: tablesAccount
    location: location
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    services: ['table']
    tables: tableNames
    private: private
  }
  dependsOn: [network]
}

module audit 'modules/storage.bicep' = {
  scope: group
  name: 'audit'
  params: {
    name: auditAccount
    location: location
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    containers: [auditContainer]
    immutableDays: auditRetentionDays
    private: private
  }
  dependsOn: [network]
}

module bus 'modules/bus.bicep' = {
  scope: group
  name: 'bus'
  params: {
    name: busName
    location: location
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    queues: concat(['ticket-events'], requestQueues)
    copies: copies
    topics: topics
    subscribers: subscribers
    private: private
  }
  dependsOn: [network]
}

module vaults 'modules/vault.bicep' = [
  for (part, i) in rights: {
    scope: group
    name: 'vault-${part.name}'
    params: {
      name: vaultNames[i]
      location: location
      tags: tags
      workspaceId: monitor.outputs.workspaceId
      signingKey: part.?signs ?? ''
      private: private
    }
    dependsOn: [network]
  }
]

module scheduler 'modules/scheduler.bicep' = if (durableBackend == 'dts') {
  scope: group
  name: 'scheduler'
  params: {
    name: schedulerName
    location: location
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    hubName: taskHubName
  }
}

var front = single ? appNames[0] : appNames[indexOf(parts, 'front')]
// What the app reads is docs/configuration.md; the rest is the platform's.
var settings = union(
  {
    PUBLIC_URL: empty(publicUrl) ? 'https://${front}.azurewebsites.net' : publicUrl
    TENANT_ID: tenant().tenantId
    API_AUDIENCE: apiClientId
    API_CLIENT_IDS: join(apiCallerClientIds, ',')
    SIGN_IN_CLIENT_ID: signInClientId
    MAIL_SENDER: mailSender
    TASK_HUB_NAME: taskHubName
    STORAGE_TABLE_URL: tables.outputs.tableEndpoint
    SERVICE_BUS__fullyQualifiedNamespace: '${busName}.servicebus.windows.net'
    HANDOVER: single ? 'direct' : 'queue'
    APPLICATIONINSIGHTS_CONNECTION_STRING: monitor.outputs.connectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD'
    AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__isEnabled: 'false' // alerts read every line
  },
  single ? {} : { WORKER_PUBLIC_KEY: workerPublicKey },
  servicenow == null
    ? {}
    : {
        SERVICENOW_URL: servicenow!.url
        SERVICENOW_CLIENT_ID: servicenow!.clientId
        SERVICENOW_SIGNATURE_ENCODING: servicenow.?signatureEncoding ?? 'base64'
      },
  jira == null ? {} : { JIRA_URL: jira!.url, JIRA_USER: jira!.user }
)
// host.json names the storage provider; a scheduler is put in its place here. On Flex Consumption the durable functions run on
// instances of their own: who puts a message into the hub is never who polls it, and the poll's pause must be short.
var hubSettings = durableBackend == 'dts'
  ? {
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: scheduler!.outputs.connection
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'azureManaged'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
    }
  : { AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval: '00:00:02' }

module apps 'modules/app.bicep' = [
  for (part, i) in rights: {
    scope: group
    name: 'app-${part.name}'
    params: {
      part: part.name
      name: appNames[i]
      location: location
      tags: tags
      service: single ? 'front' : part.name
      workspaceId: monitor.outputs.workspaceId
      packageUrl: '${hosts[i].outputs.blobEndpoint}${packageContainer}'
      settings: union(
        settings,
        { APP_PART: part.name, AzureWebJobsStorage__accountName: hosts[i].outputs.name },
        toObject(
          filter(part.secrets, name => !contains(absent, name)),
          name => name,
          name => '@Microsoft.KeyVault(SecretUri=${vaults[i].outputs.uri}secrets/${replace(name, '_', '-')})'
        ),
        empty(part.?signs ?? '') ? {} : { CHECKPOINT_KEY_ID: '${vaults[i].outputs.uri}keys/${part.?signs}' },
        empty(part.?auditCopy ?? '') ? {} : { AUDIT_COPY_URL: '${audit.outputs.blobEndpoint}${auditContainer}' },
        part.name == 'front' && !empty(checkpointPublicKey) ? { CHECKPOINT_PUBLIC_KEY: checkpointPublicKey } : {},
        part.?taskHub ?? false ? hubSettings : {}
      )
      maximumInstances: maximumInstances
      alwaysReady: concat(
        part.?taskHub ?? false ? [{ name: 'durable', instanceCount: 1 }] : [],
        warmDoors && contains(['front', 'all'], part.name) ? [{ name: 'http', instanceCount: 1 }] : [],
        warmDoors && part.name == 'worker' ? [{ name: 'function:receiveHandover', instanceCount: 1 }] : []
      )
      inbound: contains(['front', 'all'], part.name)
      allowedRanges: frontAllowedRanges
      outboundSubnetId: isPrivate ? '${networkId}/subnets/${part.name}' : null
      private: private
    }
    dependsOn: [network]
  }
]

module roles 'modules/roles.bicep' = {
  scope: group
  name: 'roles'
  params: {
    token: token
    parts: [
      for (part, i) in rights: {
        principalId: apps[i].outputs.principalId
        hostAccount: hostAccounts[i]
        vault: vaultNames[i]
        tables: part.tables
        queues: reduce(
          items(part.queues),
          {},
          (made, queue) =>
            union(
              made,
              toObject(queue.key == 'requests-*' ? requestQueues : [queue.key], name => name, name => queue.value)
            )
        )
        taskHub: part.?taskHub ?? false
        signs: part.?signs ?? ''
        auditCopy: !empty(part.?auditCopy ?? '')
      }
    ]
    tablesAccount: tablesAccount
    auditAccount: auditAccount
    auditContainer: auditContainer
    bus: busName
    topics: topics
    component: componentName
    taskHub: durableBackend == 'dts' ? { scheduler: schedulerName, hub: taskHubName } : null
  }
  dependsOn: [bus, vaults, hosts]
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    busId: bus.outputs.id
    mails: alertMails
    breakGlassAccounts: breakGlassAccounts
    ownPrincipalIds: [for (part, i) in parts: apps[i].outputs.principalId]
    granterPrincipalId: apps[single ? 0 : indexOf(parts, 'worker')].outputs.principalId
    ownClientIds: [apiClientId, signInClientId]
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output PUBLIC_URL string = settings.PUBLIC_URL
output ZS_PRINCIPALS array = [for (part, i) in parts: { part: part, principalId: apps[i].outputs.principalId }]
output ZS_VAULTS array = [
  for (part, i) in rights: {
    part: part.name
    vault: vaultNames[i]
    secrets: filter(part.secrets, name => !contains(absent, name))
  }
]
