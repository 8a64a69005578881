import { storeContract } from '@ai-orchestrator/core/store-contract';
import { openLevel } from './support/open-level.js';

storeContract('storage-level', () => openLevel());
