export { type FakeClock, fakeClock } from './fake-clock.ts'
export { type Fault, type FaultPlan, faultyStore } from './faulty-store.ts'
export { type MemoryStore, type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export { type SeededRandom, seededRandom } from './seeded-random.ts'
