// Aedes on a port of loopback, until it is ended:  node aedes_broker.mjs MODULES PORT USER PASSWORD
//
// MODULES is the node_modules folder in which Aedes is installed.

import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [modules, port, user, password] = process.argv.slice(2)
const path = createRequire(modules + '/').resolve('aedes')
const { Aedes } = await import(pathToFileURL(path))

const aedes = await Aedes.createBroker({ heartbeatInterval: 1000 })
aedes.authenticate = (client, name, secret, done) => done(null, name === user && String(secret) === password)
createServer(aedes.handle).listen(Number(port), '127.0.0.1')
