CREATE INDEX `challenges_by_user` ON `challenges` (`user_id`);--> statement-breakpoint
CREATE INDEX `totp_unconfirmed` ON `totp` (`created_at_ms`) WHERE confirmed_at_ms IS NULL;