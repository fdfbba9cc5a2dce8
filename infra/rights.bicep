// What `permissions.yaml` says of Azure, for each part and for the one app that is all of them.

@export()
@description('The rights of each part.')
var permissions = {
  front: {
    name: 'front'
    tables: loadYamlContent('permissions.yaml', 'parts.front.tables')
    queues: loadYamlContent('permissions.yaml', 'parts.front.queues')
    secrets: loadYamlContent('permissions.yaml', 'parts.front.secrets')
  }
  worker: {
    name: 'worker'
    tables: loadYamlContent('permissions.yaml', 'parts.worker.tables')
    queues: loadYamlContent('permissions.yaml', 'parts.worker.queues')
    secrets: loadYamlContent('permissions.yaml', 'parts.worker.secrets')
    taskHub: loadYamlContent('permissions.yaml', 'parts.worker.taskHub')
  }
  sweeper: {
    name: 'sweeper'
    tables: loadYamlContent('permissions.yaml', 'parts.sweeper.tables')
    queues: loadYamlContent('permissions.yaml', 'parts.sweeper.queues')
    secrets: loadYamlContent('permissions.yaml', 'parts.sweeper.secrets')
    signs: loadYamlContent('permissions.yaml', 'parts.sweeper.signs')
    auditCopy: loadYamlContent('permissions.yaml', 'parts.sweeper.auditCopy')
  }
}
var all = [permissions.front, permissions.worker, permissions.sweeper]
@export()
@description('The tables of the app.')
var tableNames = union(objectKeys(all[0].tables), objectKeys(all[1].tables), objectKeys(all[2].tables))
var queueNames = union(objectKeys(all[0].queues), objectKeys(all[1].queues), objectKeys(all[2].queues))
var tableRights = toObject(tableNames, table => table, table => map(all, part => part.tables[?table] ?? 'none'))
@export()
@description('The rights of the one app: those of all parts, the stronger one where they differ.')
var together = {
  name: 'all'
  tables: mapValues(
    tableRights,
    given => contains(given, 'write') ? 'write' : contains(given, 'append') ? 'append' : 'read'
  )
  queues: toObject(
    queueNames,
    queue => queue,
    queue => union(all[0].queues[?queue] ?? [], all[1].queues[?queue] ?? [], all[2].queues[?queue] ?? [])
  )
  secrets: union(all[0].secrets, all[1].secrets, all[2].secrets)
  taskHub: permissions.worker.taskHub
  signs: permissions.sweeper.signs
  auditCopy: permissions.sweeper.auditCopy
}
