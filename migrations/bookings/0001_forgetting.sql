CREATE TABLE `erased_persons` (
	`key` text PRIMARY KEY NOT NULL,
	`requested_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `erased_persons_by_time` ON `erased_persons` (`requested_at_ms`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`consumer` text NOT NULL,
	`body` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`available_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbox_by_availability` ON `outbox` (`available_at_ms`);--> statement-breakpoint
CREATE INDEX `orders_by_address` ON `orders` (`buyer_email`,`created_at_ms`,`id`);