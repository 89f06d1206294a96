CREATE TABLE `forgotten_orders` (
	`order_id` text PRIMARY KEY NOT NULL,
	`forgotten_at_ms` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `provider_events` ADD `payment_id` text;--> statement-breakpoint
CREATE INDEX `provider_events_by_payment` ON `provider_events` (`payment_id`) WHERE payment_id IS NOT NULL;--> statement-breakpoint
UPDATE `provider_events` SET `payment_id` = `body` ->> '$.data.object.metadata.foyer_payment_id' WHERE json_valid(`body`);
