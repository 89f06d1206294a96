CREATE TABLE `access_attempts` (
	`key` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	`locked_until_ms` integer NOT NULL,
	`last_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `access_attempts_by_age` ON `access_attempts` (`last_at_ms`);--> statement-breakpoint
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
CREATE TABLE `invitation_mails` (
	`organization_id` text NOT NULL,
	`day` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`organization_id`, `day`)
);
