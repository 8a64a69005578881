export { storeContract } from './store-contract.js';
export type { OpenStore, StoreUnderTest } from './store-contract.js';
