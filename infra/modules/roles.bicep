// Every role assignment of the deployment, and what each right consists of. Which part gets what is `permissions.yaml`.

import { PartRights } from '../types.bicep'

@description('Required. Suffix of all names.')
param token string
@description('Required. The parts, each with its identity and its rights.')
param parts PartRights[]
@description('Required. Account of the tables.')
param tablesAccount string
@description('Required. Account of the audit copy.')
param auditAccount string
@description('Required. Container of the audit copy.')
param auditContainer string
@description('Required. Namespace of the queues and topics.')
param bus string
@description('Required. Which of the names are topics.')
param topics string[]
@description('Required. Application Insights component.')
param component string
@description('Optional. Scheduler and task hub; empty: the hub is in the storage account of the part that has a right on it.')
param taskHub { scheduler: string, hub: string }?

// What a right is. No built-in role fits these: those for tables can change what was written, those for the bus and
// for telemetry have wildcards, those for keys can do more than sign.
var entities = 'Microsoft.Storage/storageAccounts/tableServices/tables/entities'
var blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs'
var rights = {
  'table-read': ['${entities}/read']
  'table-append': ['${entities}/read', '${entities}/add/action']
  'table-write': ['${entities}/read', '${entities}/add/action', '${entities}/update/action', '${entities}/delete']
  'bus-send': ['Microsoft.ServiceBus/namespaces/messages/send/action']
  'bus-listen': ['Microsoft.ServiceBus/namespaces/messages/receive/action']
  'blob-append': ['${blobs}/read', '${blobs}/add/action']
  'key-sign': ['Microsoft.KeyVault/vaults/keys/read', 'Microsoft.KeyVault/vaults/keys/sign/action']
  telemetry: ['Microsoft.Insights/Metrics/Write', 'Microsoft.Insights/Telemetry/Write']
}
// Built in, and as narrow as they are needed. The first three are what Durable Functions asks for.
var builtIn = {
  blobs: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
  secrets: '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User
  taskHub: '0ad04412-c4d5-4796-b79c-f76d14c8d402' // Durable Task Data Contributor
}

// Ours are named after what they are, so that they can be pointed at before they are there.
var idOf = union(toObject(objectKeys(rights), right => right, right => guid(resourceGroup().id, right)), builtIn)

resource definitions 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for right in items(rights): {
    name: idOf[right.key]
    properties: {
      roleName: 'Zero Standing ${right.key} (${token})'
      description: 'One right of the parts of Zero Standing, on one thing each.'
      type: 'CustomRole'
      assignableScopes: [resourceGroup().id]
      permissions: [{ actions: [], notActions: [], dataActions: right.value, notDataActions: [] }]
    }
  }
]

// Tables: each part reads, adds to or changes only the ones it works with. The trail, claims and checkpoints
// can be added to and never changed, by anybody.
var onTables = flatten(map(
  parts,
  part =>
    map(items(part.tables), table => {
      principalId: part.principalId
      table: table.key
      right: 'table-${table.value}'
    })
))

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' existing = [
  for grant in onTables: { name: '${tablesAccount}/default/${grant.table}' }
]

resource tableRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in onTables: {
    scope: tables[i]
    name: guid(tables[i].id, grant.principalId, grant.right)
    properties: {
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf[grant.right])
    }
    dependsOn: [definitions]
  }
]

// Queues and topics: the front hands over and shows what was kept, the worker receives, the sweeper rings.
var onBus = flatten(map(
  parts,
  part =>
    flatten(map(
      items(part.queues),
      queue =>
        map(queue.value, right => {
          principalId: part.principalId
          entity: queue.key
          right: 'bus-${right}'
        })
    ))
))
var onQueues = filter(onBus, grant => !contains(topics, grant.entity))
var onTopics = filter(onBus, grant => contains(topics, grant.entity))

resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [
  for grant in onQueues: { name: '${bus}/${grant.entity}' }
]

resource queueRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in onQueues: {
    scope: queues[i]
    name: guid(queues[i].id, grant.principalId, grant.right)
    properties: {
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf[grant.right])
    }
    dependsOn: [definitions]
  }
]

resource events 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' existing = [
  for grant in onTopics: { name: '${bus}/${grant.entity}' }
]

resource topicRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in onTopics: {
    scope: events[i]
    name: guid(events[i].id, grant.principalId, grant.right)
    properties: {
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf[grant.right])
    }
    dependsOn: [definitions]
  }
]

// The host: its locks, its keys and the deployment package, on an account of the part's own.
resource hostAccounts 'Microsoft.Storage/storageAccounts@2024-01-01' existing = [
  for part in parts: { name: part.hostAccount }
]

resource hostRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (part, i) in parts: {
    scope: hostAccounts[i]
    name: guid(hostAccounts[i].id, part.principalId, 'blobs')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf.blobs)
    }
  }
]

// The task hub: whoever writes it can start, wake and stop orchestrations, so only the part that runs them.
var inStorage = taskHub == null ? filter(parts, part => part.taskHub) : []
var onScheduler = taskHub == null ? [] : filter(parts, part => part.taskHub)

resource hubAccounts 'Microsoft.Storage/storageAccounts@2024-01-01' existing = [
  for part in inStorage: { name: part.hostAccount }
]

resource hubQueueRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (part, i) in inStorage: {
    scope: hubAccounts[i]
    name: guid(hubAccounts[i].id, part.principalId, 'queues')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf.queues)
    }
  }
]

resource hubTableRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (part, i) in inStorage: {
    scope: hubAccounts[i]
    name: guid(hubAccounts[i].id, part.principalId, 'tables')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf.tables)
    }
  }
]

resource hubs 'Microsoft.DurableTask/schedulers/taskHubs@2025-11-01' existing = [
  for part in onScheduler: { name: '${taskHub!.scheduler}/${taskHub!.hub}' }
]

resource schedulerRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (part, i) in onScheduler: {
    scope: hubs[i]
    name: guid(hubs[i].id, part.principalId, 'taskHub')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf.taskHub)
    }
  }
]

// Secrets: each part reads those of its own vault, where nothing else lies.
resource vaults 'Microsoft.KeyVault/vaults@2024-11-01' existing = [for part in parts: { name: part.vault }]

resource secretRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (part, i) in parts: {
    scope: vaults[i]
    name: guid(vaults[i].id, part.principalId, 'secrets')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf.secrets)
    }
  }
]

// Checkpoints: who signs them can use the key and never see it.
var signers = filter(parts, part => !empty(part.signs))

resource keys 'Microsoft.KeyVault/vaults/keys@2024-11-01' existing = [
  for part in signers: { name: '${part.vault}/${part.signs}' }
]

resource signRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (part, i) in signers: {
    scope: keys[i]
    name: guid(keys[i].id, part.principalId, 'key-sign')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf['key-sign'])
    }
    dependsOn: [definitions]
  }
]

// The audit copy: lines are added, nobody changes or removes any.
var copiers = filter(parts, part => part.auditCopy)

resource auditBlobs 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = {
  name: '${auditAccount}/default/${auditContainer}'
}

resource copyRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for part in copiers: {
    scope: auditBlobs
    name: guid(auditBlobs.id, part.principalId, 'blob-append')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf['blob-append'])
    }
    dependsOn: [definitions]
  }
]

// Telemetry: written without a key, and not read.
resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: component }

resource telemetryRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for part in parts: {
    scope: insights
    name: guid(insights.id, part.principalId, 'telemetry')
    properties: {
      principalId: part.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', idOf.telemetry)
    }
    dependsOn: [definitions]
  }
]
