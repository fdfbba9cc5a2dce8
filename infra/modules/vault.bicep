// The vault of one part. Secrets are put in by hand; a signing key is made here and never leaves.

import { Private } from '../types.bicep'

@description('Required. Name of the vault.')
param name string
@description('Required. Region.')
param location string
@description('Required. Tags of every resource.')
param tags object
@description('Required. Workspace that the logs go to.')
param workspaceId string
@description('Optional. Name of a P-256 key that can sign and do nothing else; empty = none.')
param signingKey string = ''
@description('Optional. The network that alone reaches the vault.')
param private Private?

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: private == null ? 'Enabled' : 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: private == null ? 'Allow' : 'Deny' }
  }
}

resource key 'Microsoft.KeyVault/vaults/keys@2024-11-01' = if (!empty(signingKey)) {
  parent: vault
  name: empty(signingKey) ? 'none' : signingKey
  properties: {
    kty: 'EC'
    curveName: 'P-256'
    keyOps: ['sign', 'verify']
    attributes: { enabled: true, exportable: false }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'all'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

module endpoint 'endpoint.bicep' = if (private != null) {
  name: '${name}-vault'
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    targetId: vault.id
    group: 'vault'
    subnetId: private!.subnetId
    zoneId: private!.zones.vault
  }
}

output uri string = vault.properties.vaultUri
