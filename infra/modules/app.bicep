// One part of the app: a plan, a function app with an identity of its own, no publishing by password.

import { Private } from '../types.bicep'

@description('Required. Which part.')
param part string
@description('Required. Name of the function app.')
param name string
@description('Required. Region.')
param location string
@description('Required. Tags of every resource.')
param tags object
@description('Required. Name of the azd service that deploys here.')
param service string
@description('Required. Workspace that the logs go to.')
param workspaceId string
@description('Required. Container of the deployment package, with its account.')
param packageUrl string
@description('Required. Settings of the app.')
param settings object
@description('Required. Instances at most.')
param maximumInstances int
@description('Optional. Instances kept warm, by group or function.')
param alwaysReady { name: string, instanceCount: int }[] = []
@description('Optional. Whether anybody outside may call it.')
param inbound bool = false
@description('Optional. Address ranges that may call it, if anybody may; empty = all.')
param allowedRanges string[] = []
@description('Optional. Subnet that its own calls go through.')
param outboundSubnetId string?
@description('Optional. The network that alone reaches a part nobody outside may call.')
param private Private?

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': service, part: part })
  kind: 'functionapp,linux'
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: inbound || private == null ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: outboundSubnetId
    functionAppConfig: {
      deployment: {
        storage: { type: 'blobContainer', value: packageUrl, authentication: { type: 'SystemAssignedIdentity' } }
      }
      runtime: { name: 'node', version: '24' }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      remoteDebuggingEnabled: false
      ipSecurityRestrictionsDefaultAction: inbound && empty(allowedRanges) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (range, i) in (inbound ? allowedRanges : []): {
          name: 'allowed-${i}'
          action: 'Allow'
          priority: 100 + i
          ipAddress: range
        }
      ]
      // Deployments come in here, signed in with Entra.
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value })
    }
  }
}

resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource ftp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource appLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'all'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource planMetrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: plan
  name: 'all'
  properties: { workspaceId: workspaceId, metrics: [{ category: 'AllMetrics', enabled: true }] }
}

module endpoint 'endpoint.bicep' = if (private != null && !inbound) {
  name: '${name}-sites'
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    targetId: app.id
    group: 'sites'
    subnetId: private!.subnetId
    zoneId: private!.zones.sites
  }
}

output principalId string = app.identity.principalId
output name string = app.name
output hostName string = app.properties.defaultHostName
