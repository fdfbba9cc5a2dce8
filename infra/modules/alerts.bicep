// What somebody has to look at, and who is told. Log alerts look every five minutes, metric alerts every minute.

@description('Required. Region.')
param location string
@description('Required. Suffix of all names.')
param token string
@description('Required. Tags of every resource.')
param tags object
@description('Required. Workspace with the telemetry, and with the logs of Entra where they are sent there.')
param workspaceId string
@description('Required. Namespace whose dead letters are watched.')
param busId string
@description('Required. Who is told.')
param mails string[]
@description('Required. Object ids of the accounts that must not be used.')
param breakGlassAccounts string[]
@description('Required. Object ids of the identities of the parts.')
param ownPrincipalIds string[]
@description('Required. Object id of the identity that gives roles.')
param granterPrincipalId string
@description('Required. Client ids of the app registrations.')
param ownClientIds string[]

// A line of the app's log is JSON; the host may put its own text around it.
var lines = 'AppTraces | extend line = parse_json(extract(@"(\\{.*\\})", 1, Message)) | extend message = tostring(line.message), level = tostring(line.level)'
var own = string(ownPrincipalIds)
var clients = string(ownClientIds)
var rules = [
  {
    name: 'stuck'
    severity: 1
    says: 'Something that should have happened a quarter of an hour ago has not: a removal, a start, an end.'
    query: '${lines} | where message in ("stuck", "not ours to remove") or (level == "error" and message endswith "not ended")'
  }
  {
    name: 'sweep'
    severity: 1
    says: 'The sweeper fails, or what rings the worker.'
    query: '${lines} | where message in ("sweep failed", "eligibility not tended") | union (AppRequests | where Name in ("sweep", "reconcile", "checkDaily", "tendCampaign", "ringDue") and Success == false)'
  }
  {
    name: 'checkpoint'
    severity: 1
    says: 'A checkpoint of the audit trail failed, has no key, was not copied, or found the trail cut or changed.'
    query: '${lines} | where (level == "error" and (message contains "audit trail" or message contains "checkpoint")) or message contains "gets no checkpoints" | union (AppRequests | where Name == "writeCheckpoint" and Success == false)'
  }
  {
    name: 'drift'
    severity: 1
    says: 'The directory holds what no activation explains, or could not be compared with the policy.'
    query: '${lines} | where message in ("foreign assignments", "drift not read")'
  }
  {
    name: 'tampering'
    severity: 0
    says: 'A record is not as it was sealed, or a policy came into force without two persons.'
    query: '${lines} | where message in ("tampering", "answers were changed after they were signed", "policy accepted without two persons", "orchestration without a claim")'
  }
  {
    name: 'errors'
    severity: 2
    says: 'The app logged an error.'
    query: '${lines} | where level == "error"'
  }
  {
    name: 'break-glass'
    severity: 0
    says: 'A break-glass account signed in.'
    query: 'union isfuzzy=true (datatable(TimeGenerated: datetime, UserId: string)[]), SigninLogs, AADNonInteractiveUserSignInLogs | where UserId in (dynamic(${string(breakGlassAccounts)}))'
  }
  {
    name: 'role-given-outside'
    severity: 1
    says: 'A directory role was given, or made eligible, by somebody other than the worker.'
    query: 'union isfuzzy=true (datatable(TimeGenerated: datetime, OperationName: string, Result: string, InitiatedBy: dynamic)[]), AuditLogs | where OperationName startswith "Add" and OperationName contains "member to role" and Result =~ "success" | where tostring(InitiatedBy.app.servicePrincipalId) != "${granterPrincipalId}"'
  }
  {
    name: 'pim-settings'
    severity: 1
    says: 'Settings of a role in PIM were changed.'
    query: 'union isfuzzy=true (datatable(TimeGenerated: datetime, OperationName: string)[]), AuditLogs | where OperationName contains "role setting" or OperationName contains "role management policy"'
  }
  {
    name: 'registrations'
    severity: 1
    says: 'An identity or app registration of this system was changed: its permissions, credentials, owners.'
    query: 'union isfuzzy=true (datatable(TimeGenerated: datetime, LoggedByService: string, TargetResources: dynamic)[]), AuditLogs | where LoggedByService == "Core Directory" | extend about = tostring(TargetResources) | where about has_any (dynamic(${own})) or about has_any (dynamic(${clients}))'
  }
]
// Nothing happened where something must have. No row is a count of nought.
var silences = [
  {
    name: 'sweeper-silent'
    says: 'The sweeper, which runs every minute, has not run for ten.'
    query: 'AppRequests | where Name == "sweep" and Success == true'
    minutes: 10
  }
  {
    name: 'worker-silent'
    says: 'The worker, which looks every minute for what is due, has not for ten: lost bells stay lost.'
    query: 'AppRequests | where Name == "ringDue" and Success == true'
    minutes: 10
  }
  {
    name: 'checkpoint-silent'
    says: 'No checkpoint was tried for half an hour; one is due every ten minutes.'
    query: 'AppRequests | where Name == "writeCheckpoint" and Success == true'
    minutes: 30
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'zstanding'
    enabled: true
    emailReceivers: [for (mail, i) in mails: { name: 'mail-${i}', emailAddress: mail, useCommonAlertSchema: true }]
  }
}

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.says
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT10M' // twice the pace: what reaches the workspace late is still seen
      skipQueryValidation: true // the tables are made by the first line that comes in
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

resource silenceAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in silences: {
    name: 'alert-${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.says
      severity: 1
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT${rule.minutes}M'
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'LessThan'
            threshold: 1
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-dead-letters-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'A message was given up: zs queue dead-letters list.'
    severity: 1
    enabled: true
    scopes: [busId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead letters'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'DeadletteredMessages'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: [{ actionGroupId: people.id }]
  }
}

// Whoever changes the apps, their storage, vaults or rights can do what they can do.
resource changed 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'alert-apps-changed-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The apps, their settings, storage, vaults, logs, alerts or rights in Azure were changed.'
    enabled: true
    scopes: [resourceGroup().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'Administrative' }
        { field: 'status', equals: 'Succeeded' }
        {
          anyOf: [
            for operation in [
              'Microsoft.Authorization/roleAssignments/write'
              'Microsoft.Authorization/roleAssignments/delete'
              'Microsoft.Authorization/roleDefinitions/write'
              'Microsoft.Insights/diagnosticSettings/delete'
              'Microsoft.Insights/scheduledQueryRules/delete'
              'Microsoft.Insights/scheduledQueryRules/write'
              'Microsoft.KeyVault/vaults/write'
              'Microsoft.Storage/storageAccounts/listKeys/action'
              'Microsoft.Storage/storageAccounts/write'
              'Microsoft.Web/sites/config/write'
              'Microsoft.Web/sites/publish/action'
              'Microsoft.Web/sites/publishxml/action'
              'Microsoft.Web/sites/write'
            ]: { field: 'operationName', equals: operation }
          ]
        }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: people.id }] }
  }
}
