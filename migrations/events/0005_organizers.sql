CREATE TABLE `event_import_lines` (
	`import_id` text NOT NULL,
	`line` integer NOT NULL,
	`status` text NOT NULL,
	`title` text NOT NULL,
	`body` text NOT NULL,
	`external_id` text,
	`errors` text NOT NULL,
	`event_id` text,
	PRIMARY KEY(`import_id`, `line`),
	FOREIGN KEY (`import_id`) REFERENCES `event_imports`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `event_import_lines_by_status` ON `event_import_lines` (`import_id`,`status`,`line`);--> statement-breakpoint
CREATE TABLE `event_imports` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`status` text NOT NULL,
	`actor` text NOT NULL,
	`columns` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`finished_at_ms` integer
);
--> statement-breakpoint
CREATE INDEX `event_imports_of_organization` ON `event_imports` (`organization_id`,`id`);--> statement-breakpoint
CREATE INDEX `event_imports_by_status` ON `event_imports` (`status`,`created_at_ms`);--> statement-breakpoint
CREATE TABLE `follower_counts` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`followers` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `follows` (
	`organization_id` text NOT NULL,
	`user_id` text NOT NULL,
	`followed_at_ms` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `follows_of_user` ON `follows` (`user_id`,`followed_at_ms`,`organization_id`);--> statement-breakpoint
CREATE TABLE `imported_events` (
	`organization_id` text NOT NULL,
	`external_id` text NOT NULL,
	`event_id` text NOT NULL,
	PRIMARY KEY(`organization_id`, `external_id`)
);
--> statement-breakpoint
CREATE TRIGGER `follows_counted` AFTER INSERT ON `follows` BEGIN
  INSERT INTO `follower_counts` (`organization_id`, `followers`) VALUES (new.`organization_id`, 1)
  ON CONFLICT (`organization_id`) DO UPDATE SET `followers` = `followers` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `follows_discounted` AFTER DELETE ON `follows` BEGIN
  UPDATE `follower_counts` SET `followers` = `followers` - 1 WHERE `organization_id` = old.`organization_id`;
END;
