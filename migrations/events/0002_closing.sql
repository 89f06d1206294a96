CREATE TABLE `closed_organizations` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`closed_at_ms` integer NOT NULL
);
--> statement-breakpoint
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
CREATE TABLE `inbox` (
	`message_id` text PRIMARY KEY NOT NULL,
	`handled_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `inbox_by_age` ON `inbox` (`handled_at_ms`);