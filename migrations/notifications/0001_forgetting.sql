CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`consumer` text NOT NULL,
	`body` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`available_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbox_by_availability` ON `outbox` (`available_at_ms`);--> statement-breakpoint
CREATE INDEX `deliveries_by_recipient` ON `deliveries` (`recipient_masked`,`created_at_ms`,`id`);