// One storage account: no keys, no public blobs, its containers and tables, its logs.

import { Private } from '../types.bicep'

@description('Required. Name of the account.')
param name string
@description('Required. Region.')
param location string
@description('Required. Tags of every resource.')
param tags object
@description('Required. Workspace that the logs go to.')
param workspaceId string
@description('Optional. Services that are used, each with an endpoint where access is private.')
param services ('blob' | 'queue' | 'table')[] = ['blob']
@description('Optional. Containers to make.')
param containers string[] = []
@description('Optional. Tables to make.')
param tables string[] = []
@description('Optional. Days for which a blob can be appended to and not changed; 0 = no such rule.')
param immutableDays int = 0
@description('Optional. Copies: in three zones, or in one data centre.')
param sku 'Standard_ZRS' | 'Standard_LRS' = 'Standard_ZRS'
@description('Optional. The network that alone reaches the account; left out, any network, with an identity.')
param private Private?

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: private == null ? 'Enabled' : 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: private == null ? 'Allow' : 'Deny' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = [
  for container in containers: {
    parent: blobs
    name: container
    properties: { publicAccess: 'None' }
  }
]

// Unlocked as it is made: locking cannot be undone and is done by hand, see infra/README.md.
resource immutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2024-01-01' = [
  for (container, i) in (immutableDays > 0 ? containers : []): {
    parent: blobContainers[i]
    name: 'default'
    properties: {
      immutabilityPeriodSinceCreationInDays: immutableDays
      allowProtectedAppendWrites: true
    }
  }
]

resource appTables 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = [
  for table in tables: {
    parent: tableService
    name: table
  }
]

resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'all'
  properties: { workspaceId: workspaceId, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
}

resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: queues
  name: 'all'
  properties: { workspaceId: workspaceId, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
}

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: tableService
  name: 'all'
  properties: { workspaceId: workspaceId, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
}

// The account itself has metrics only.
resource accountMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'all'
  properties: { workspaceId: workspaceId, metrics: [{ category: 'Transaction', enabled: true }] }
}

module endpoints 'endpoint.bicep' = [
  for service in (private == null ? [] : services): {
    name: '${name}-${service}'
    params: {
      name: 'pe-${name}-${service}'
      location: location
      tags: tags
      targetId: account.id
      group: service
      subnetId: private!.subnetId
      zoneId: private!.zones[service]
    }
  }
]

output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output tableEndpoint string = account.properties.primaryEndpoints.table
