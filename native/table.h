#ifndef SUPERD_TABLE_H
#define SUPERD_TABLE_H

#include <stddef.h>

/* A hash table from int to any struct whose first member is an `entry`. The table owns the buckets, not the entries. */
struct entry {
  struct entry *next;
  int key;
};

struct table {
  struct entry **buckets;
  size_t size; /* a power of two, or 0 */
  size_t count;
};

struct entry *table_get(const struct table *table, int key);
/* The key must not be in the table yet. */
void table_put(struct table *table, struct entry *entry);
struct entry *table_take(struct table *table, int key);
/* Removes an entry, any one; frees the buckets and returns NULL when the table is empty. */
struct entry *table_drain(struct table *table);
/* The first entry for which `matches` is true. */
struct entry *table_find(const struct table *table, int (*matches)(const struct entry *, long), long wanted);

#endif
