import type { Evidence, Violation } from './evidence.js';
import { checkArtifacts } from './check-artifacts.js';
import { checkCancellations } from './check-cancellations.js';
import { checkContexts } from './check-contexts.js';
import { checkDeliveries } from './check-deliveries.js';
import { checkInputs } from './check-inputs.js';
import { checkLetters } from './check-letters.js';
import { checkOrder } from './check-order.js';
import { checkOutcomes } from './check-outcomes.js';
import { checkSubmissions } from './check-submissions.js';
import { sortEvidence } from './items.js';

/** Holds what clients did and saw against what the daemon says and recorded; answers everything that must not be. */
export function checkEvidence(evidence: Evidence): Violation[] {
  const sorted = sortEvidence(evidence);
  return [
    ...checkSubmissions(sorted),
    ...checkOutcomes(sorted, evidence),
    ...checkDeliveries(sorted),
    ...checkOrder(sorted),
    ...checkContexts(sorted, evidence),
    ...checkCancellations(sorted),
    ...checkInputs(sorted),
    ...checkArtifacts(sorted, evidence),
    ...checkLetters(sorted, evidence),
  ];
}
