// Entra's own logs into the workspace, for the alerts about break-glass accounts, roles given outside and changed settings.
// Needs a right on the tenant that `azd up` does not need: README.md says how it is deployed, or done by hand.
targetScope = 'tenant'

@description('Required. Resource id of the Log Analytics workspace.')
@minLength(1)
param workspaceId string

resource logs 'microsoft.aadiam/diagnosticSettings@2017-04-01' = {
  name: 'zero-standing'
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in ['AuditLogs', 'SignInLogs', 'NonInteractiveUserSignInLogs']: {
        category: category
        enabled: true
      }
    ]
  }
}
