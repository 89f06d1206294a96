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
CREATE TABLE `event_owners` (
	`event_id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `event_owners_by_organization` ON `event_owners` (`organization_id`,`event_id`);--> statement-breakpoint
CREATE TABLE `facts` (
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`event_id` text NOT NULL,
	`organization_id` text,
	`at_ms` integer NOT NULL,
	`count` integer NOT NULL,
	`tickets` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`source` text,
	`message_id` text NOT NULL,
	`recorded_at_ms` integer NOT NULL,
	PRIMARY KEY(`kind`, `subject`),
	CONSTRAINT "facts_count_up" CHECK(at_ms >= 0 AND count > 0 AND tickets >= 0 AND amount_minor >= 0)
);
--> statement-breakpoint
CREATE INDEX `facts_by_age` ON `facts` (`kind`,`at_ms`);--> statement-breakpoint
CREATE TABLE `hourly` (
	`event_id` text NOT NULL,
	`kind` text NOT NULL,
	`hour_ms` integer NOT NULL,
	`currency` text NOT NULL,
	`count` integer NOT NULL,
	`tickets` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	PRIMARY KEY(`event_id`, `kind`, `hour_ms`, `currency`)
);
--> statement-breakpoint
CREATE TABLE `inbox` (
	`message_id` text PRIMARY KEY NOT NULL,
	`handled_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `inbox_by_age` ON `inbox` (`handled_at_ms`);--> statement-breakpoint
CREATE TABLE `totals` (
	`event_id` text NOT NULL,
	`kind` text NOT NULL,
	`currency` text NOT NULL,
	`count` integer NOT NULL,
	`tickets` integer NOT NULL,
	`amount_minor` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	PRIMARY KEY(`event_id`, `kind`, `currency`)
);
