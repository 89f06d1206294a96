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
CREATE INDEX `events_at_venue` ON `events` (`venue_id`,`id`) WHERE venue_id IS NOT NULL AND status IN ('draft', 'scheduled', 'published', 'postponed');
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
