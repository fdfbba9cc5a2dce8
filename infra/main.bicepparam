using 'main.bicep'

// What an installation says about itself: `azd env set NAME VALUE` for each. Systems that send requests and accounts that
// must not be used come from the policy. All parameters: main.bicep.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param deployment = readEnvironmentVariable('ZS_DEPLOYMENT', 'split')
param networkAccess = readEnvironmentVariable('ZS_NETWORK_ACCESS', 'public')
param durableBackend = readEnvironmentVariable('ZS_DURABLE_BACKEND', 'storage')
param publicUrl = readEnvironmentVariable('ZS_PUBLIC_URL', '')

param apiClientId = readEnvironmentVariable('ZS_API_CLIENT_ID')
param apiCallerClientIds = split(readEnvironmentVariable('ZS_API_CALLERS'), ',')
param signInClientId = readEnvironmentVariable('ZS_SIGN_IN_CLIENT_ID')
param mailSender = readEnvironmentVariable('ZS_MAIL_SENDER')
param workerPublicKey = readEnvironmentVariable('ZS_WORKER_PUBLIC_KEY', '')
param checkpointPublicKey = readEnvironmentVariable('ZS_CHECKPOINT_PUBLIC_KEY', '')
param alertMails = split(readEnvironmentVariable('ZS_ALERT_MAILS'), ',')

var servicenowUrl = readEnvironmentVariable('ZS_SERVICENOW_URL', '')
param servicenow = empty(servicenowUrl)
  ? null
  : { url: servicenowUrl, clientId: readEnvironmentVariable('ZS_SERVICENOW_CLIENT_ID', '') }

var jiraUrl = readEnvironmentVariable('ZS_JIRA_URL', '')
param jira = empty(jiraUrl)
  ? null
  : {
      url: jiraUrl
      user: readEnvironmentVariable('ZS_JIRA_USER', '')
      automation: bool(readEnvironmentVariable('ZS_JIRA_AUTOMATION', 'false'))
    }

var policy = loadYamlContent('../policy/roles.yaml')
param senders = objectKeys(policy.?senders ?? {})
param subscribers = filter(split(readEnvironmentVariable('ZS_SUBSCRIBERS', ''), ','), name => !empty(name))
param breakGlassAccounts = policy.breakGlass
