CREATE TABLE `series` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`rrule` text NOT NULL,
	`starts_local` text NOT NULL,
	`exceptions` text NOT NULL,
	`additions` text NOT NULL,
	`template` text NOT NULL,
	`shift_ms` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	`pattern_event_id` text NOT NULL,
	`publishes` integer NOT NULL,
	`change` integer NOT NULL,
	`due_at_ms` integer,
	`attempts` integer DEFAULT 0 NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `series_due` ON `series` (`due_at_ms`);--> statement-breakpoint
CREATE TABLE `series_changes` (
	`series_id` text NOT NULL,
	`change` integer NOT NULL,
	`action` text NOT NULL,
	`actor` text NOT NULL,
	`patch` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`series_id`, `change`),
	FOREIGN KEY (`series_id`) REFERENCES `series`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `series_dates` (
	`series_id` text NOT NULL,
	`recurrence_id` text NOT NULL,
	`event_id` text NOT NULL,
	`state` text NOT NULL,
	`publish` integer NOT NULL,
	`change` integer NOT NULL,
	`problem` text,
	PRIMARY KEY(`series_id`, `recurrence_id`),
	FOREIGN KEY (`series_id`) REFERENCES `series`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `series_dates_by_event` ON `series_dates` (`event_id`);--> statement-breakpoint
-- A date of a series that is called off or taken away is an exception of its rule from then on, whoever ended it and however.
CREATE TRIGGER occurrence_is_cancelled AFTER UPDATE OF status ON events
WHEN NEW.status = 'cancelled' AND OLD.status <> 'cancelled' AND NEW.series_id IS NOT NULL
BEGIN
  UPDATE series_dates SET state = 'excepted', publish = 0, problem = NULL WHERE event_id = NEW.id;
END;
--> statement-breakpoint
-- One that was to leave with a change of the rule is gone without a trace: the rule has no such date any more.
CREATE TRIGGER occurrence_is_deleted AFTER DELETE ON events
WHEN OLD.series_id IS NOT NULL
BEGIN
  DELETE FROM series_dates WHERE event_id = OLD.id AND state = 'leaving';
  UPDATE series_dates SET state = 'excepted', publish = 0, problem = NULL WHERE event_id = OLD.id;
END;
