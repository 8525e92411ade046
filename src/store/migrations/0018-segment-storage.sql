-- Segments live for minutes: packing them costs more than the room.
alter table window_segment alter column data set storage external;
