-- The last proof of each receiver is looked up once a second.
create index notification_received on notification (receiver, received_at desc) where received_at is not null;
