import { storeContract } from '@ai-orchestrator/core/store-contract';
import { openLevel } from './support/open-level.js';

describe('the embedded store [STORE-01]', () => {
  storeContract('storage-level', () => openLevel());
});
