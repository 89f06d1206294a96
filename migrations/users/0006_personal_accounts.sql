CREATE TABLE `avatar_removals` (
	`avatar_id` text PRIMARY KEY NOT NULL,
	`not_before_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `avatar_removals_by_time` ON `avatar_removals` (`not_before_ms`);--> statement-breakpoint
ALTER TABLE `erasures` ADD `email_verified` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `invitations_by_address` ON `invitations` (`email`);--> statement-breakpoint
CREATE INDEX `letters_by_address` ON `letters` (`address`);