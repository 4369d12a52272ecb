create table made_by (source text); insert into made_by values ('sql');
