-- The tables of a Joomla site that a validator reads, with the columns and keys that Joomla 4 to 6 give them
-- (`installation/sql/postgresql/base.sql`).

CREATE TABLE "#__users" (
  "id" serial NOT NULL,
  "name" varchar(400) DEFAULT '' NOT NULL,
  "username" varchar(150) DEFAULT '' NOT NULL,
  "email" varchar(100) DEFAULT '' NOT NULL,
  "password" varchar(100) DEFAULT '' NOT NULL,
  "block" smallint DEFAULT 0 NOT NULL,
  "sendEmail" smallint DEFAULT 0,
  "registerDate" timestamp without time zone NOT NULL,
  "lastvisitDate" timestamp without time zone,
  "activation" varchar(100) DEFAULT '' NOT NULL,
  "params" text NOT NULL,
  "lastResetTime" timestamp without time zone,
  "resetCount" bigint DEFAULT 0 NOT NULL,
  "otpKey" varchar(1000) DEFAULT '' NOT NULL,
  "otep" varchar(1000) DEFAULT '' NOT NULL,
  "requireReset" smallint DEFAULT 0,
  "authProvider" varchar(100) DEFAULT '' NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "#__users_idx_username" UNIQUE ("username")
);
CREATE INDEX "#__users_idx_name" ON "#__users" ("name");
CREATE INDEX "#__users_idx_block" ON "#__users" ("block");
CREATE INDEX "#__users_email" ON "#__users" ("email");
CREATE INDEX "#__users_email_lower" ON "#__users" (lower("email"));

CREATE TABLE "#__user_usergroup_map" (
  "user_id" bigint DEFAULT 0 NOT NULL,
  "group_id" bigint DEFAULT 0 NOT NULL,
  PRIMARY KEY ("user_id", "group_id")
);

CREATE TABLE "#__usergroups" (
  "id" serial NOT NULL,
  "parent_id" bigint DEFAULT 0 NOT NULL,
  "lft" bigint DEFAULT 0 NOT NULL,
  "rgt" bigint DEFAULT 0 NOT NULL,
  "title" varchar(100) DEFAULT '' NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "#__usergroups_idx_usergroup_parent_title_lookup" UNIQUE ("parent_id", "title")
);
CREATE INDEX "#__usergroups_idx_usergroup_title_lookup" ON "#__usergroups" ("title");
CREATE INDEX "#__usergroups_idx_usergroup_adjacency_lookup" ON "#__usergroups" ("parent_id");
CREATE INDEX "#__usergroups_idx_usergroup_nested_set_lookup" ON "#__usergroups" ("lft", "rgt");

-- A shop's own table of subscriptions.
CREATE TABLE "#__subscriptions" (
  "id" serial NOT NULL,
  "user_id" bigint NOT NULL,
  "package_group" varchar(100) NOT NULL,
  "state" varchar(20) NOT NULL,
  "expires" timestamp without time zone,
  "canceled" timestamp without time zone,
  PRIMARY KEY ("id")
);
CREATE INDEX "#__subscriptions_idx_user" ON "#__subscriptions" ("user_id");

-- Download IDs in the shape of Akeeba Release System 7.
CREATE TABLE "#__ars_dlidlabels" (
  "id" serial NOT NULL,
  "user_id" bigint NOT NULL,
  "primary" smallint DEFAULT 0 NOT NULL,
  "title" varchar(255) DEFAULT '' NOT NULL,
  "dlid" char(32) DEFAULT '' NOT NULL,
  "published" smallint DEFAULT 1 NOT NULL,
  "created_by" bigint DEFAULT 0 NOT NULL,
  "created" timestamp without time zone,
  "modified_by" bigint DEFAULT 0 NOT NULL,
  "modified" timestamp without time zone,
  PRIMARY KEY ("id")
);
CREATE INDEX "#__ars_dlidlabels_idx_dlid" ON "#__ars_dlidlabels" ("dlid");
