import { faultyStore } from './faulty-store.ts'
import { type MemoryStore, memoryStore } from './memory-store.ts'
import { testStore } from './store-suite/test-store.ts'

const reopen = (store: unknown) => (store as MemoryStore).reopen()

testStore({ name: 'memory', open: () => memoryStore(), reopen })

testStore({ name: 'memory, every unit run twice', open: () => memoryStore({ runTwice: true }), reopen })

testStore({
  name: 'memory behind a faulty store without faults',
  open: () => faultyStore(memoryStore(), () => undefined),
})
