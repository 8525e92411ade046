-- What channels say of messages. `received_at`: the proof that it arrived; null while nothing proves it.
alter table notification add column channel text;
alter table notification add column recipient text;
alter table notification add column provider_message_id text;
alter table notification add column received_at bigint;
alter table notification add column read_at bigint;
update notification set received_at = delivered_at where state = 'delivered';

create index notification_by_provider on notification (receiver, provider_message_id) where provider_message_id is not null;
create index notification_of_group on notification (receiver, group_key, delivered_at desc) where provider_message_id is not null;
