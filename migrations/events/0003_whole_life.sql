CREATE TABLE `event_slugs` (
	`organization_id` text NOT NULL,
	`slug` text NOT NULL,
	`event_id` text NOT NULL,
	`bare` integer NOT NULL,
	`claimed_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `slug`),
	FOREIGN KEY (`event_id`) REFERENCES `events`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `event_slugs_bare` ON `event_slugs` (`slug`) WHERE bare = 1;--> statement-breakpoint
CREATE INDEX `event_slugs_of_event` ON `event_slugs` (`event_id`);--> statement-breakpoint
DROP INDEX `events_slug_unique`;--> statement-breakpoint
ALTER TABLE `events` ADD `slug_is_bare` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `locale` text DEFAULT 'en' NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `translations` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `all_day` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `access_version` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `password_hash` text;--> statement-breakpoint
ALTER TABLE `events` ADD `minimum_age` integer;--> statement-breakpoint
ALTER TABLE `events` ADD `details` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `publish_at_ms` integer;--> statement-breakpoint
ALTER TABLE `events` ADD `status_note` text;--> statement-breakpoint
ALTER TABLE `events` ADD `previous_starts_at_ms` integer;--> statement-breakpoint
ALTER TABLE `events` ADD `calendar_sequence` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `series_id` text;--> statement-breakpoint
ALTER TABLE `events` ADD `recurrence_id` text;--> statement-breakpoint
ALTER TABLE `events` ADD `overrides` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
CREATE INDEX `events_to_publish` ON `events` (`publish_at_ms`) WHERE status = 'scheduled';--> statement-breakpoint
CREATE INDEX `events_to_complete` ON `events` (`ends_at_ms`) WHERE status = 'published';--> statement-breakpoint
CREATE UNIQUE INDEX `events_of_series` ON `events` (`series_id`,`recurrence_id`) WHERE series_id IS NOT NULL;--> statement-breakpoint
-- Until now a slug was the whole platform's: each is claimed for its event, bare.
INSERT INTO `event_slugs` (`organization_id`, `slug`, `event_id`, `bare`, `claimed_at_ms`)
SELECT `organization_id`, `slug`, `id`, 1, `created_at_ms` FROM `events`;
