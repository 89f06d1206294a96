CREATE TABLE `media_objects` (
	`key` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`sha256` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `media_objects_by_content` ON `media_objects` (`organization_id`,`sha256`);--> statement-breakpoint
CREATE TABLE `media_upload_parts` (
	`upload_id` text NOT NULL,
	`number` integer NOT NULL,
	`size_bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`etag` text NOT NULL,
	PRIMARY KEY(`upload_id`, `number`),
	FOREIGN KEY (`upload_id`) REFERENCES `media_uploads`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `media_uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`event_id` text NOT NULL,
	`status` text NOT NULL,
	`content_type` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`sha256` text,
	`alt` text NOT NULL,
	`media_id` text,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	FOREIGN KEY (`event_id`) REFERENCES `events`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `media_uploads_of_organization` ON `media_uploads` (`organization_id`,`status`,`expires_at_ms`);--> statement-breakpoint
CREATE INDEX `media_uploads_of_event` ON `media_uploads` (`event_id`);--> statement-breakpoint
CREATE INDEX `media_uploads_by_end` ON `media_uploads` (`expires_at_ms`);--> statement-breakpoint
CREATE TABLE `media_usage` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`bytes` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `media` ADD `object_key` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `media` ADD `alt` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `media` ADD `position` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `media` ADD `upload_id` text;--> statement-breakpoint
CREATE INDEX `media_of_object` ON `media` (`object_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `media_of_upload` ON `media` (`upload_id`);--> statement-breakpoint
-- Custom from here on. What there was before: rows of one organization over the same bytes share the first one's object from now on.
INSERT OR IGNORE INTO `media_objects` (`key`, `organization_id`, `sha256`, `size_bytes`, `created_at_ms`)
SELECT m.id, e.organization_id, m.sha256, m.size_bytes, m.created_at_ms FROM media m JOIN events e ON e.id = m.event_id ORDER BY m.id;
--> statement-breakpoint
UPDATE `media` SET
  `object_key` = (SELECT o.key FROM media_objects o JOIN events e ON e.organization_id = o.organization_id WHERE e.id = media.event_id AND o.sha256 = media.sha256),
  `position` = (SELECT count(*) FROM media x WHERE x.event_id = media.event_id AND x.id < media.id);
--> statement-breakpoint
INSERT OR IGNORE INTO `media_removals` (`media_id`, `not_before_ms`) SELECT id, 0 FROM media WHERE id <> object_key;
--> statement-breakpoint
INSERT INTO `media_usage` (`organization_id`, `bytes`) SELECT organization_id, sum(size_bytes) FROM media_objects GROUP BY organization_id;
--> statement-breakpoint
-- What an organization's objects take up cannot drift from what they are.
CREATE TRIGGER `media_usage_grows` AFTER INSERT ON `media_objects` BEGIN
  INSERT INTO media_usage (organization_id, bytes) VALUES (NEW.organization_id, NEW.size_bytes)
  ON CONFLICT (organization_id) DO UPDATE SET bytes = bytes + NEW.size_bytes;
END;
--> statement-breakpoint
CREATE TRIGGER `media_usage_shrinks` AFTER DELETE ON `media_objects` BEGIN
  UPDATE media_usage SET bytes = bytes - OLD.size_bytes WHERE organization_id = OLD.organization_id;
END;
--> statement-breakpoint
-- A row shows an object that is there; a foreign key could not be added to a table that has rows.
CREATE TRIGGER `media_has_object` BEFORE INSERT ON `media` WHEN NOT EXISTS (SELECT 1 FROM media_objects WHERE key = NEW.object_key) BEGIN
  SELECT RAISE(ABORT, 'media without an object');
END;
--> statement-breakpoint
-- The last row over an object takes it along: from then on nothing can be shown of it, and the sweep removes its bytes.
CREATE TRIGGER `media_object_ends` AFTER DELETE ON `media` WHEN NOT EXISTS (SELECT 1 FROM media WHERE object_key = OLD.object_key) BEGIN
  INSERT OR REPLACE INTO media_removals (media_id, not_before_ms) VALUES (OLD.object_key, 0);
  DELETE FROM media_objects WHERE key = OLD.object_key;
END;
