-- One row: what every transaction of a gate locks first, so that one comes after the other.
create table gate_head (
  id smallint primary key check (id = 1),
  last_millis bigint not null,
  venue_version bigint not null,
  venue_record ${bytes},
  journal_index bigint not null,
  journal_digest ${bytes} not null,
  policy_digest ${bytes} not null
);

create table gate_account (
  account varchar(256) primary key,
  version bigint not null,
  counted_to bigint not null,
  record ${bytes} not null
);

create index gate_account_counted on gate_account (counted_to);

create table gate_round (
  sequence bigint primary key,
  disputed boolean not null,
  entry ${bytes} not null
);

create table gate_attestation (
  account varchar(256) not null,
  attester char(64) not null,
  version bigint not null,
  body ${bytes} not null,
  signature ${bytes} not null,
  primary key (account, attester, version)
);

create table gate_evidence (
  id bigint generated always as identity primary key,
  evidence ${bytes} not null
);

-- Append-only. kind, account, outcome and round_sequence repeat what the decision says, for people and for look-ups;
-- nothing but previous, digest and decision is part of the chain.
create table gate_journal (
  idx bigint primary key,
  at_millis bigint not null,
  kind varchar(32) not null,
  account varchar(256) not null,
  outcome varchar(256) not null,
  round_sequence bigint,
  previous ${bytes} not null,
  digest ${bytes} not null,
  decision ${bytes} not null
);

create index gate_journal_account on gate_journal (account, idx);
create index gate_journal_round on gate_journal (round_sequence);
