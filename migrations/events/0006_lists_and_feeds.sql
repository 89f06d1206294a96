CREATE TABLE `cache_purges` (
	`tag` text PRIMARY KEY NOT NULL,
	`generation` integer DEFAULT 1 NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`available_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `cache_purges_by_availability` ON `cache_purges` (`available_at_ms`);--> statement-breakpoint
ALTER TABLE `events` ADD `venue_id` text;--> statement-breakpoint
ALTER TABLE `events` ADD `start_order_ms` integer GENERATED ALWAYS AS (CASE WHEN starts_at_ms IS NULL THEN 8640000000000000 ELSE starts_at_ms END) VIRTUAL;--> statement-breakpoint
ALTER TABLE `events` ADD `city` text GENERATED ALWAYS AS (lower(json_extract(location, '$.city'))) VIRTUAL;--> statement-breakpoint
ALTER TABLE `events` ADD `online` integer GENERATED ALWAYS AS (json_extract(location, '$.kind') IN ('online', 'hybrid')) VIRTUAL;--> statement-breakpoint
CREATE INDEX `events_listed_by_venue` ON `events` (`venue_id`,`starts_at_ms`,`id`,`ends_at_ms`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_listed_by_series` ON `events` (`series_id`,`starts_at_ms`,`id`,`ends_at_ms`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_listed_by_city` ON `events` (`city`,`starts_at_ms`,`id`,`ends_at_ms`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_listed_online` ON `events` (`starts_at_ms`,`id`,`ends_at_ms`) WHERE status = 'published' AND visibility = 'public' AND online = 1;--> statement-breakpoint
CREATE INDEX `events_listed_by_publication` ON `events` (`published_at_ms`,`id`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_listed_by_organization_and_publication` ON `events` (`organization_id`,`published_at_ms`,`id`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_listed_by_id` ON `events` (`id`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_called_off` ON `events` (`starts_at_ms`,`id`) WHERE visibility = 'public' AND published_at_ms IS NOT NULL AND status IN ('postponed', 'cancelled');--> statement-breakpoint
CREATE INDEX `events_in_calendar_of_organization` ON `events` (`organization_id`,`starts_at_ms`,`id`) WHERE visibility = 'public' AND published_at_ms IS NOT NULL AND status IN ('published', 'postponed', 'cancelled', 'completed');--> statement-breakpoint
CREATE INDEX `events_of_organization_by_start` ON `events` (`organization_id`,`start_order_ms`,`id`);--> statement-breakpoint
CREATE INDEX `events_of_organization_by_update` ON `events` (`organization_id`,`updated_at_ms`,`id`);--> statement-breakpoint
-- Every change of an event claims its version in event_changes, so no change can forget to name what caches are to forget.
CREATE TRIGGER `event_changes_purge_caches` AFTER INSERT ON `event_changes` BEGIN
  INSERT INTO `cache_purges` (`tag`, `available_at_ms`)
  SELECT 'events', NEW.`at_ms`
  UNION ALL SELECT 'event:' || NEW.`event_id`, NEW.`at_ms`
  UNION ALL SELECT 'organization:' || `organization_id`, NEW.`at_ms` FROM `events` WHERE `id` = NEW.`event_id`
  ON CONFLICT (`tag`) DO UPDATE SET `generation` = `generation` + 1, `attempts` = 0,
    `available_at_ms` = min(`available_at_ms`, excluded.`available_at_ms`);
END;
