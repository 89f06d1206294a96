CREATE TABLE `access_attempts` (
	`key` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	`locked_until_ms` integer NOT NULL,
	`last_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `access_attempts_by_age` ON `access_attempts` (`last_at_ms`);--> statement-breakpoint
CREATE TABLE `cache_purges` (
	`tag` text PRIMARY KEY NOT NULL,
	`generation` integer DEFAULT 1 NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`available_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `cache_purges_by_availability` ON `cache_purges` (`available_at_ms`);--> statement-breakpoint
CREATE TABLE `event_guests` (
	`id` text PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`email` text NOT NULL,
	`name` text,
	`nonce` text NOT NULL,
	`mail_due_at_ms` integer,
	`mails_sent` integer NOT NULL,
	`last_sent_at_ms` integer,
	`created_at_ms` integer NOT NULL,
	`kept_until_ms` integer NOT NULL,
	FOREIGN KEY (`event_id`) REFERENCES `events`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `event_guests_by_email` ON `event_guests` (`event_id`,`email`);--> statement-breakpoint
CREATE INDEX `event_guests_of_person` ON `event_guests` (`email`);--> statement-breakpoint
CREATE INDEX `event_guests_to_forget` ON `event_guests` (`kept_until_ms`);--> statement-breakpoint
CREATE INDEX `event_guests_to_invite` ON `event_guests` (`mail_due_at_ms`) WHERE mail_due_at_ms IS NOT NULL;--> statement-breakpoint
CREATE TABLE `event_tags` (
	`event_id` text NOT NULL,
	`tag` text NOT NULL,
	`listed` integer NOT NULL,
	`category_id` text,
	`starts_at_ms` integer,
	`ends_at_ms` integer,
	PRIMARY KEY(`event_id`, `tag`)
);
--> statement-breakpoint
CREATE INDEX `event_tags_of_tag` ON `event_tags` (`tag`,`event_id`);--> statement-breakpoint
CREATE INDEX `event_tags_listed` ON `event_tags` (`tag`,`starts_at_ms`,`event_id`,`ends_at_ms`) WHERE listed = 1;--> statement-breakpoint
CREATE INDEX `event_tags_listed_by_category` ON `event_tags` (`tag`,`category_id`,`starts_at_ms`,`event_id`,`ends_at_ms`) WHERE listed = 1;--> statement-breakpoint
CREATE TABLE `invitation_mails` (
	`organization_id` text NOT NULL,
	`day` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `day`)
);
--> statement-breakpoint
CREATE TABLE `tag_rules` (
	`name` text PRIMARY KEY NOT NULL,
	`target` text,
	`pending` integer NOT NULL,
	`at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `tag_rules_pending` ON `tag_rules` (`name`) WHERE pending = 1;--> statement-breakpoint
CREATE INDEX `tag_rules_by_target` ON `tag_rules` (`target`);--> statement-breakpoint
CREATE TABLE `tags` (
	`name` text PRIMARY KEY NOT NULL,
	`events` integer NOT NULL,
	`curated` integer NOT NULL,
	`version` integer NOT NULL,
	CONSTRAINT "tags_counted" CHECK(events >= 0)
);
--> statement-breakpoint
CREATE INDEX `tags_by_use` ON `tags` (events DESC,`name`);--> statement-breakpoint
CREATE INDEX `tags_by_name` ON `tags` (`name`,`events`,`curated`,`version`);--> statement-breakpoint
CREATE INDEX `tags_curated` ON `tags` (`name`) WHERE curated = 1;--> statement-breakpoint
CREATE TABLE `venues` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`version` integer NOT NULL,
	`revision` integer NOT NULL,
	`pending` integer NOT NULL,
	`name` text NOT NULL,
	`address` text NOT NULL,
	`city` text NOT NULL,
	`region` text,
	`postal_code` text,
	`country` text NOT NULL,
	`latitude` real,
	`longitude` real,
	`capacity` integer,
	`accessibility` text NOT NULL,
	`rooms` text NOT NULL,
	`notes` text NOT NULL,
	`search_text` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `venues_of_organization` ON `venues` (`organization_id`,`id`);--> statement-breakpoint
CREATE INDEX `venues_pending` ON `venues` (`id`) WHERE pending = 1;--> statement-breakpoint
ALTER TABLE `categories` ADD `parent_id` text REFERENCES categories(id);--> statement-breakpoint
ALTER TABLE `categories` ADD `names` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `categories` ADD `position` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `categories_of_parent` ON `categories` (`parent_id`);--> statement-breakpoint
ALTER TABLE `events` ADD `venue_id` text GENERATED ALWAYS AS (json_extract(location, '$.venueId')) VIRTUAL;--> statement-breakpoint
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
CREATE INDEX `events_at_venue` ON `events` (`venue_id`,`id`) WHERE venue_id IS NOT NULL AND status IN ('draft', 'scheduled', 'published', 'postponed');--> statement-breakpoint
-- Every change of an event claims its version in event_changes, so no change can forget to name what caches are to forget.
CREATE TRIGGER `event_changes_purge_caches` AFTER INSERT ON `event_changes` BEGIN
  INSERT INTO `cache_purges` (`tag`, `available_at_ms`)
  SELECT 'events', NEW.`at_ms`
  UNION ALL SELECT 'event:' || NEW.`event_id`, NEW.`at_ms`
  UNION ALL SELECT 'organization:' || `organization_id`, NEW.`at_ms` FROM `events` WHERE `id` = NEW.`event_id`
  ON CONFLICT (`tag`) DO UPDATE SET `generation` = `generation` + 1, `attempts` = 0,
    `available_at_ms` = min(`available_at_ms`, excluded.`available_at_ms`);
END;
--> statement-breakpoint
-- Which event has which tag follows the events by itself, and how many listed events have a tag follows that: no writer can forget either.
CREATE TRIGGER `events_tagged` AFTER INSERT ON `events` BEGIN
  INSERT INTO `event_tags` (`event_id`, `tag`, `listed`, `category_id`, `starts_at_ms`, `ends_at_ms`)
  SELECT NEW.`id`, t.value, NEW.`status` = 'published' AND NEW.`visibility` = 'public', NEW.`category_id`, NEW.`starts_at_ms`, NEW.`ends_at_ms`
  FROM json_each(NEW.`tags`) t WHERE true
  ON CONFLICT (`event_id`, `tag`) DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER `events_retagged` AFTER UPDATE OF `tags`, `status`, `visibility`, `category_id`, `starts_at_ms`, `ends_at_ms` ON `events`
WHEN NEW.`tags` IS NOT OLD.`tags` OR NEW.`status` IS NOT OLD.`status` OR NEW.`visibility` IS NOT OLD.`visibility`
  OR NEW.`category_id` IS NOT OLD.`category_id` OR NEW.`starts_at_ms` IS NOT OLD.`starts_at_ms` OR NEW.`ends_at_ms` IS NOT OLD.`ends_at_ms`
BEGIN
  DELETE FROM `event_tags` WHERE `event_id` = NEW.`id` AND `tag` NOT IN (SELECT t.value FROM json_each(NEW.`tags`) t);
  INSERT INTO `event_tags` (`event_id`, `tag`, `listed`, `category_id`, `starts_at_ms`, `ends_at_ms`)
  SELECT NEW.`id`, t.value, NEW.`status` = 'published' AND NEW.`visibility` = 'public', NEW.`category_id`, NEW.`starts_at_ms`, NEW.`ends_at_ms`
  FROM json_each(NEW.`tags`) t WHERE true
  ON CONFLICT (`event_id`, `tag`) DO UPDATE SET `listed` = excluded.`listed`, `category_id` = excluded.`category_id`,
    `starts_at_ms` = excluded.`starts_at_ms`, `ends_at_ms` = excluded.`ends_at_ms`;
END;
--> statement-breakpoint
CREATE TRIGGER `events_untagged` AFTER DELETE ON `events` BEGIN
  DELETE FROM `event_tags` WHERE `event_id` = OLD.`id`;
END;
--> statement-breakpoint
CREATE TRIGGER `event_tags_counted` AFTER INSERT ON `event_tags` WHEN NEW.`listed` = 1 BEGIN
  INSERT INTO `tags` (`name`, `events`, `curated`, `version`) VALUES (NEW.`tag`, 1, 0, 1)
  ON CONFLICT (`name`) DO UPDATE SET `events` = `events` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `event_tags_listed_now` AFTER UPDATE OF `listed` ON `event_tags` WHEN OLD.`listed` = 0 AND NEW.`listed` = 1 BEGIN
  INSERT INTO `tags` (`name`, `events`, `curated`, `version`) VALUES (NEW.`tag`, 1, 0, 1)
  ON CONFLICT (`name`) DO UPDATE SET `events` = `events` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `event_tags_listed_no_more` AFTER UPDATE OF `listed` ON `event_tags` WHEN OLD.`listed` = 1 AND NEW.`listed` = 0 BEGIN
  UPDATE `tags` SET `events` = `events` - 1 WHERE `name` = OLD.`tag`;
  DELETE FROM `tags` WHERE `name` = OLD.`tag` AND `events` = 0 AND `curated` = 0;
END;
--> statement-breakpoint
CREATE TRIGGER `event_tags_uncounted` AFTER DELETE ON `event_tags` WHEN OLD.`listed` = 1 BEGIN
  UPDATE `tags` SET `events` = `events` - 1 WHERE `name` = OLD.`tag`;
  DELETE FROM `tags` WHERE `name` = OLD.`tag` AND `events` = 0 AND `curated` = 0;
END;
--> statement-breakpoint
-- An event that comes to have a tag that was renamed or taken out meanwhile is looked at again.
CREATE TRIGGER `event_tags_ruled` AFTER INSERT ON `event_tags` BEGIN
  UPDATE `tag_rules` SET `pending` = 1 WHERE `name` = NEW.`tag` AND `pending` = 0;
END;
--> statement-breakpoint
INSERT INTO `event_tags` (`event_id`, `tag`, `listed`, `category_id`, `starts_at_ms`, `ends_at_ms`)
SELECT e.`id`, t.value, e.`status` = 'published' AND e.`visibility` = 'public', e.`category_id`, e.`starts_at_ms`, e.`ends_at_ms`
FROM `events` e, json_each(e.`tags`) t WHERE true
ON CONFLICT (`event_id`, `tag`) DO NOTHING;
--> statement-breakpoint
-- An event takes place at a venue of its own organization, and one that comes with an old copy is looked at again.
CREATE TRIGGER `events_placed` AFTER INSERT ON `events` WHEN json_extract(NEW.`location`, '$.venueId') IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'events.venue_gone') WHERE NOT EXISTS (
    SELECT 1 FROM `venues` WHERE `id` = json_extract(NEW.`location`, '$.venueId') AND `organization_id` = NEW.`organization_id`);
  UPDATE `venues` SET `pending` = 1
  WHERE `id` = json_extract(NEW.`location`, '$.venueId') AND `revision` > json_extract(NEW.`location`, '$.venueRevision');
END;
--> statement-breakpoint
CREATE TRIGGER `events_moved` AFTER UPDATE OF `location` ON `events`
WHEN NEW.`location` IS NOT OLD.`location` AND json_extract(NEW.`location`, '$.venueId') IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'events.venue_gone') WHERE NOT EXISTS (
    SELECT 1 FROM `venues` WHERE `id` = json_extract(NEW.`location`, '$.venueId') AND `organization_id` = NEW.`organization_id`);
  UPDATE `venues` SET `pending` = 1
  WHERE `id` = json_extract(NEW.`location`, '$.venueId') AND `revision` > json_extract(NEW.`location`, '$.venueRevision');
END;
