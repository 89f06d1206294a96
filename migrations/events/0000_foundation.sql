CREATE TABLE `categories` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `categories_slug_unique` ON `categories` (`slug`);--> statement-breakpoint
CREATE TABLE `event_changes` (
	`event_id` text NOT NULL,
	`version` integer NOT NULL,
	`action` text NOT NULL,
	`actor` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`event_id`, `version`),
	FOREIGN KEY (`event_id`) REFERENCES `events`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`organization_name` text NOT NULL,
	`slug` text NOT NULL,
	`status` text NOT NULL,
	`version` integer NOT NULL,
	`title` text NOT NULL,
	`summary` text NOT NULL,
	`description` text NOT NULL,
	`starts_at_ms` integer,
	`ends_at_ms` integer,
	`timezone` text NOT NULL,
	`location` text,
	`category_id` text,
	`tags` text NOT NULL,
	`visibility` text NOT NULL,
	`cover_media_id` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`published_at_ms` integer,
	FOREIGN KEY (`category_id`) REFERENCES `categories`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "events_end_after_start" CHECK(starts_at_ms IS NULL OR ends_at_ms IS NULL OR ends_at_ms > starts_at_ms)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_slug_unique` ON `events` (`slug`);--> statement-breakpoint
CREATE INDEX `events_listed` ON `events` (`starts_at_ms`,`id`,`ends_at_ms`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_listed_by_category` ON `events` (`category_id`,`starts_at_ms`,`id`,`ends_at_ms`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_listed_by_organization` ON `events` (`organization_id`,`starts_at_ms`,`id`,`ends_at_ms`) WHERE status = 'published' AND visibility = 'public';--> statement-breakpoint
CREATE INDEX `events_of_organization` ON `events` (`organization_id`,`id`);--> statement-breakpoint
CREATE INDEX `events_of_organization_by_status` ON `events` (`organization_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `events_of_category` ON `events` (`category_id`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`key` text PRIMARY KEY NOT NULL,
	`fingerprint` text NOT NULL,
	`state` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_by_age` ON `idempotency_keys` (`created_at_ms`);--> statement-breakpoint
CREATE TABLE `media` (
	`id` text PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`slot` integer NOT NULL,
	`content_type` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`width` integer NOT NULL,
	`height` integer NOT NULL,
	`sha256` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	FOREIGN KEY (`event_id`) REFERENCES `events`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `media_of_event` ON `media` (`event_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `media_by_slot` ON `media` (`event_id`,`slot`);--> statement-breakpoint
CREATE TABLE `media_removals` (
	`media_id` text PRIMARY KEY NOT NULL,
	`not_before_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `media_removals_by_time` ON `media_removals` (`not_before_ms`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`consumer` text NOT NULL,
	`body` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`available_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbox_by_availability` ON `outbox` (`available_at_ms`);