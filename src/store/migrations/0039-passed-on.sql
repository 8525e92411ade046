-- Who was notified of which firing of an alert is in notify_group, for every receiver alike: `told` has it; `offered` was sent it since
-- the last delivery, with the outcome: "sending" and "unanswered" may have it, "failed" does not.
update notify_group
   set offered = (select coalesce(jsonb_object_agg(o, 'unanswered'), '{}') from jsonb_array_elements_text(offered) as o)
 where jsonb_typeof(offered) = 'array';
alter table notify_group alter column offered set default '{}';

-- Firings of which nothing proved that `receiver` was notified: `backup` hears of them as well. Times are epoch milliseconds.
create table passed_on (
  receiver    text not null,
  group_key   text not null,
  fingerprint text not null,
  starts_at   bigint not null,
  backup      text not null,
  at          bigint not null,
  primary key (receiver, fingerprint, starts_at)
);
create index passed_on_to on passed_on (backup, group_key);
insert into passed_on (receiver, group_key, fingerprint, starts_at, backup, at)
select receiver, group_key, fingerprint, starts_at, backup, since from cover;

-- A second channel that was notified of alerts as notices knows them in their own groups from here on.
insert into notify_group as g (receiver, group_key, queued_at, told)
select c.backup, c.group_key, max(c.since), jsonb_object_agg(c.fingerprint, '[]'::jsonb)
  from cover as c
 where exists (select from notification as n where n.receiver = c.backup and n.group_key = c.backup_group and n.attempts > 0)
 group by c.backup, c.group_key
on conflict (receiver, group_key) do update set told = excluded.told || g.told;
update notification as n set state = 'dropped', next_attempt_at = null
 where n.state = 'pending' and n.attempts = 0
   and exists (select from cover as c where c.backup = n.receiver and c.backup_group = n.group_key);
-- What was not sent yet is due.
insert into notify_group as g (receiver, group_key, flush_at)
select c.backup, c.group_key, min(c.since) from cover as c group by c.backup, c.group_key
on conflict (receiver, group_key) do update set flush_at = least(coalesce(g.flush_at, excluded.flush_at), excluded.flush_at);
drop table cover;
