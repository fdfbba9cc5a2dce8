// For private access: a subnet for each part's own calls, one for the endpoints, and a fixed address towards the outside.

import { zoneNames } from '../types.bicep'

@description('Required. Name of the network.')
param name string
@description('Required. Region.')
param location string
@description('Required. Suffix of all names.')
param token string
@description('Required. Tags of every resource.')
param tags object
@description('Required. Workspace that the logs go to.')
param workspaceId string
@description('Required. Parts that get a subnet.')
param parts string[]
@description('Required. Addresses of the network: /24 or larger.')
param addressSpace string

var services = objectKeys(zoneNames)

resource address 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: 'pip-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource gateway 'Microsoft.Network/natGateways@2024-05-01' = {
  name: 'nat-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: address.id }] }
}

// Nothing comes in but what the platform and the network itself send.
resource guard 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg-${token}'
  location: location
  tags: tags
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressSpace] }
    subnets: concat(
      [
        {
          name: 'endpoints'
          properties: {
            addressPrefix: cidrSubnet(addressSpace, 26, 0)
            networkSecurityGroup: { id: guard.id }
            defaultOutboundAccess: false
          }
        }
      ],
      map(range(0, length(parts)), i => {
        name: parts[i]
        properties: {
          addressPrefix: cidrSubnet(addressSpace, 26, i + 1)
          networkSecurityGroup: { id: guard.id }
          natGateway: { id: gateway.id }
          defaultOutboundAccess: false
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      })
    )
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    name: zoneNames[service]
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, i) in services: {
    parent: zones[i]
    name: 'vnet-${token}'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
]

resource networkMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: network
  name: 'all'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource guardLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: guard
  name: 'all'
  properties: { workspaceId: workspaceId, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
}

resource addressLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: address
  name: 'all'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
