import { library } from '../../scripts/library.ts'

export default library({
  index: 'src/index.ts',
  protocol: 'src/protocol/index.ts',
  ports: 'src/ports/index.ts',
  contract: 'src/contract/index.ts',
  'tanstack-query': 'src/tanstack-query/index.ts',
  'transports/websocket': 'src/transports/websocket.ts',
  'stores/indexeddb': 'src/stores/indexeddb.ts',
  testing: 'src/testing/index.ts',
})
