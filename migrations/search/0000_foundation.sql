CREATE TABLE `dead_letters` (
	`id` text PRIMARY KEY NOT NULL,
	`message_id` text,
	`type` text,
	`body` text NOT NULL,
	`reason` text NOT NULL,
	`stored_at_ms` integer NOT NULL,
	`replayed_at_ms` integer
);
--> statement-breakpoint
CREATE INDEX `dead_letters_by_time` ON `dead_letters` (`stored_at_ms`);--> statement-breakpoint
CREATE TABLE `document_tags` (
	`tag` text NOT NULL,
	`document_id` integer NOT NULL,
	PRIMARY KEY(`tag`, `document_id`)
);
--> statement-breakpoint
CREATE INDEX `document_tags_by_document` ON `document_tags` (`document_id`,`tag`);--> statement-breakpoint
CREATE TABLE `documents` (
	`id` integer PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`organization_id` text NOT NULL,
	`version` integer NOT NULL,
	`listed` integer NOT NULL,
	`finished` integer DEFAULT 0 NOT NULL,
	`starts_at_ms` integer DEFAULT 0 NOT NULL,
	`ends_at_ms` integer DEFAULT 0 NOT NULL,
	`online` integer DEFAULT 0 NOT NULL,
	`latitude` real,
	`longitude` real,
	`category_id` text,
	`sale_sequence` integer DEFAULT 0 NOT NULL,
	`price_min_minor` integer,
	`price_max_minor` integer,
	`currency` text,
	`sold_out` integer DEFAULT 0 NOT NULL,
	`starts_at_local` text DEFAULT '' NOT NULL,
	`timezone` text DEFAULT 'UTC' NOT NULL,
	`slug` text DEFAULT '' NOT NULL,
	`cover_media_id` text,
	`title` text DEFAULT '' NOT NULL,
	`category_name` text DEFAULT '' NOT NULL,
	`organization_name` text DEFAULT '' NOT NULL,
	`place` text DEFAULT '' NOT NULL,
	`tags` text DEFAULT '[]' NOT NULL,
	`tag_keys` text DEFAULT '[]' NOT NULL,
	`summary` text DEFAULT '' NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	CONSTRAINT "documents_version_counts" CHECK(version >= 0 AND sale_sequence >= 0)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `documents_event_id_unique` ON `documents` (`event_id`);--> statement-breakpoint
CREATE INDEX `documents_narrow` ON `documents` (`id`,`listed`,`finished`,`starts_at_ms`,`ends_at_ms`,`category_id`,`organization_id`,`online`,`price_min_minor`,`currency`,`latitude`,`longitude`);--> statement-breakpoint
CREATE INDEX `documents_upcoming` ON `documents` (`starts_at_ms`,`id`,`listed`,`finished`,`ends_at_ms`,`category_id`,`organization_id`,`online`,`price_min_minor`,`currency`,`latitude`,`longitude`) WHERE listed = 1 AND finished = 0;--> statement-breakpoint
CREATE INDEX `documents_by_start` ON `documents` (`starts_at_ms`,`id`) WHERE listed = 1;--> statement-breakpoint
CREATE INDEX `documents_by_category` ON `documents` (`category_id`,`starts_at_ms`,`id`) WHERE listed = 1;--> statement-breakpoint
CREATE INDEX `documents_by_organization` ON `documents` (`organization_id`,`starts_at_ms`,`id`) WHERE listed = 1;--> statement-breakpoint
CREATE INDEX `documents_by_place` ON `documents` (`latitude`,`longitude`) WHERE listed = 1 AND finished = 0;--> statement-breakpoint
CREATE INDEX `documents_to_finish` ON `documents` (`ends_at_ms`) WHERE listed = 1 AND finished = 0;--> statement-breakpoint
CREATE TABLE `inbox` (
	`message_id` text PRIMARY KEY NOT NULL,
	`handled_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `inbox_by_age` ON `inbox` (`handled_at_ms`);--> statement-breakpoint
CREATE TABLE `words` (
	`id` integer PRIMARY KEY NOT NULL,
	`word` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `words_word_unique` ON `words` (`word`);