ALTER TABLE `orders` ADD `tickets` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `orders_sold` ON `orders` (`organization_id`,`event_id`,`currency`,`status`,`total_minor`,`refunded_minor`,`tickets`) WHERE "orders"."status" IN ('confirmed', 'partially_refunded');--> statement-breakpoint
-- Until its next change an order that is sold is taken to have all of its tickets.
UPDATE `orders` SET `tickets` = coalesce((SELECT sum(value ->> '$.quantity') FROM json_each(`orders`.`items`)), 0) WHERE `status` IN ('confirmed', 'partially_refunded');
