CREATE TABLE `dead_letters` (
	`id` text PRIMARY KEY NOT NULL,
	`message_id` text,
	`type` text,
	`body` text NOT NULL,
	`reason` text NOT NULL,
	`stored_at_ms` integer NOT NULL,
	`replayed_at_ms` integer
);
--> statement-breakpoint
CREATE INDEX `dead_letters_by_time` ON `dead_letters` (`stored_at_ms`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`key` text PRIMARY KEY NOT NULL,
	`fingerprint` text NOT NULL,
	`state` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_by_age` ON `idempotency_keys` (`created_at_ms`);--> statement-breakpoint
CREATE TABLE `inbox` (
	`message_id` text PRIMARY KEY NOT NULL,
	`handled_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `inbox_by_age` ON `inbox` (`handled_at_ms`);--> statement-breakpoint
CREATE TABLE `ledger_entries` (
	`transaction_id` text NOT NULL,
	`line` integer NOT NULL,
	`account` text NOT NULL,
	`organization_id` text NOT NULL,
	`payment_id` text NOT NULL,
	`refund_id` text,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`transaction_id`, `line`)
);
--> statement-breakpoint
CREATE INDEX `ledger_entries_by_organization` ON `ledger_entries` (`organization_id`,`at_ms`);--> statement-breakpoint
CREATE INDEX `ledger_entries_by_payment` ON `ledger_entries` (`payment_id`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`consumer` text NOT NULL,
	`body` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`available_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbox_by_availability` ON `outbox` (`available_at_ms`);--> statement-breakpoint
CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`order_id` text NOT NULL,
	`event_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`status` text NOT NULL,
	`provider` text NOT NULL,
	`method` text NOT NULL,
	`attempt` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`intent_id` text,
	`session_id` text,
	`pending_request` text,
	`closing` integer DEFAULT false NOT NULL,
	`order_outcome` text,
	`failure_reason` text,
	`expires_at_ms` integer NOT NULL,
	`paid_at_ms` integer,
	`next_check_at_ms` integer,
	`checks` integer DEFAULT 0 NOT NULL,
	`version` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `payments_by_attempt` ON `payments` (`order_id`,`attempt`);--> statement-breakpoint
CREATE UNIQUE INDEX `payments_one_live_per_order` ON `payments` (`order_id`) WHERE status IN ('open', 'processing');--> statement-breakpoint
CREATE UNIQUE INDEX `payments_by_intent` ON `payments` (`intent_id`) WHERE intent_id IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `payments_by_session` ON `payments` (`session_id`) WHERE session_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `payments_by_organization` ON `payments` (`organization_id`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `payments_by_next_check` ON `payments` (`next_check_at_ms`) WHERE next_check_at_ms IS NOT NULL;--> statement-breakpoint
CREATE TABLE `provider_events` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`body` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at_ms` integer,
	`error` text,
	`received_at_ms` integer NOT NULL,
	`finished_at_ms` integer
);
--> statement-breakpoint
CREATE INDEX `provider_events_by_next_attempt` ON `provider_events` (`next_attempt_at_ms`) WHERE next_attempt_at_ms IS NOT NULL;--> statement-breakpoint
CREATE INDEX `provider_events_by_age` ON `provider_events` (`received_at_ms`);--> statement-breakpoint
CREATE TABLE `refunds` (
	`id` text PRIMARY KEY NOT NULL,
	`payment_id` text NOT NULL,
	`order_id` text NOT NULL,
	`event_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`status` text NOT NULL,
	`origin` text NOT NULL,
	`provider_key` text NOT NULL,
	`provider_refund_id` text,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`reason` text NOT NULL,
	`ticket_ids` text NOT NULL,
	`failure_reason` text,
	`recorded_at_ms` integer,
	`next_check_at_ms` integer,
	`checks` integer DEFAULT 0 NOT NULL,
	`version` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `refunds_by_provider_key` ON `refunds` (`provider_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `refunds_by_provider_refund` ON `refunds` (`provider_refund_id`) WHERE provider_refund_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `refunds_by_payment` ON `refunds` (`payment_id`);--> statement-breakpoint
CREATE INDEX `refunds_by_next_check` ON `refunds` (`next_check_at_ms`) WHERE next_check_at_ms IS NOT NULL;--> statement-breakpoint
CREATE TABLE `review_cases` (
	`id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`subject` text NOT NULL,
	`payment_id` text,
	`order_id` text,
	`organization_id` text,
	`provider_reference` text,
	`detail` text NOT NULL,
	`opened_at_ms` integer NOT NULL,
	`resolved_at_ms` integer,
	`resolution` text,
	`resolved_by` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `review_cases_open` ON `review_cases` (`subject`,`reason`) WHERE resolved_at_ms IS NULL;--> statement-breakpoint
CREATE INDEX `review_cases_by_time` ON `review_cases` (`opened_at_ms`,`id`);--> statement-breakpoint
CREATE TABLE `status_changes` (
	`subject_id` text NOT NULL,
	`version` integer NOT NULL,
	`from_status` text,
	`to_status` text NOT NULL,
	`cause` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`subject_id`, `version`)
);
