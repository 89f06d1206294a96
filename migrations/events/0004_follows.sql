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
CREATE TRIGGER `follows_counted` AFTER INSERT ON `follows` BEGIN
  INSERT INTO `follower_counts` (`organization_id`, `followers`) VALUES (new.`organization_id`, 1)
  ON CONFLICT (`organization_id`) DO UPDATE SET `followers` = `followers` + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `follows_discounted` AFTER DELETE ON `follows` BEGIN
  UPDATE `follower_counts` SET `followers` = `followers` - 1 WHERE `organization_id` = old.`organization_id`;
END;
