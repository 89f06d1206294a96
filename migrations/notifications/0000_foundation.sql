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
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`message_id` text NOT NULL,
	`kind` text NOT NULL,
	`recipient_hash` text NOT NULL,
	`recipient_masked` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer NOT NULL,
	`refusals` integer DEFAULT 0 NOT NULL,
	`lease_until_ms` integer NOT NULL,
	`provider` text NOT NULL,
	`provider_message_id` text,
	`error_class` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`sent_at_ms` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deliveries_once` ON `deliveries` (`message_id`,`kind`,`recipient_hash`);--> statement-breakpoint
CREATE INDEX `deliveries_by_time` ON `deliveries` (`created_at_ms`,`id`);--> statement-breakpoint
CREATE INDEX `deliveries_by_status` ON `deliveries` (`status`,`created_at_ms`,`id`);--> statement-breakpoint
CREATE TABLE `inbox` (
	`message_id` text PRIMARY KEY NOT NULL,
	`handled_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `inbox_by_age` ON `inbox` (`handled_at_ms`);