// Messages between the parts, from other systems, and to those who want to know. No keys: local authentication is off.

import { Private } from '../types.bicep'

@description('Required. Name of the namespace.')
param name string
@description('Required. Region.')
param location string
@description('Required. Tags of every resource.')
param tags object
@description('Required. Workspace that the logs go to.')
param workspaceId string
@description('Required. Queues that drop a message sent twice.')
param queues string[]
@description('Required. Queues of copies that carry ids of their own.')
param copies string[]
@description('Required. Topics of events, in order within an activation.')
param topics string[]
@description('Required. Who reads each topic, with a subscription of their own.')
param subscribers string[]
@description('Optional. Deliveries of a message before it becomes a dead letter.')
param maxDeliveryCount int = 10
@description('Optional. The network that alone reaches the namespace, which then is a Premium one.')
param private Private?

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: private == null ? { name: 'Standard', tier: 'Standard' } : { name: 'Premium', tier: 'Premium', capacity: 1 }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: private == null ? 'Enabled' : 'Disabled'
  }
}

resource unique 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queue in queues: {
    parent: namespace
    name: queue
    properties: {
      lockDuration: 'PT1M'
      maxDeliveryCount: maxDeliveryCount
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
    }
  }
]

resource kept 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queue in copies: {
    parent: namespace
    name: queue
    properties: { lockDuration: 'PT1M', maxDeliveryCount: maxDeliveryCount }
  }
]

resource events 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = [
  for topic in topics: {
    parent: namespace
    name: topic
    properties: {
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
      supportOrdering: true
    }
  }
]

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [
  for i in range(0, length(topics) * length(subscribers)): {
    parent: events[i / length(subscribers)]
    name: subscribers[i % length(subscribers)]
    properties: { lockDuration: 'PT1M', maxDeliveryCount: maxDeliveryCount, requiresSession: true }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: namespace
  name: 'all'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

module endpoint 'endpoint.bicep' = if (private != null) {
  name: '${name}-namespace'
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    targetId: namespace.id
    group: 'namespace'
    subnetId: private!.subnetId
    zoneId: private!.zones.namespace
  }
}

output id string = namespace.id
