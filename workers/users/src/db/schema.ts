import { idempotencyKeys } from "@foyer/http/idempotency-d1";
import { deadLetters, inbox, outbox } from "@foyer/messaging/tables";

export { deadLetters, idempotencyKeys, inbox, outbox };
