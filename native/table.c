#include "table.h"

#include <stdint.h>
#include <stdlib.h>

static struct entry **bucket(const struct table *table, int key) {
  return &table->buckets[((uint32_t)key * 2654435769u) & (table->size - 1)];
}

static struct entry **find(const struct table *table, int key) {
  struct entry **link = bucket(table, key);
  while (*link != NULL && (*link)->key != key) link = &(*link)->next;
  return link;
}

struct entry *table_get(const struct table *table, int key) {
  return table->size == 0 ? NULL : *find(table, key);
}

static void grow(struct table *table) {
  struct table larger = {.size = table->size == 0 ? 64 : table->size * 2};
  larger.buckets = calloc(larger.size, sizeof *larger.buckets);
  if (larger.buckets == NULL) abort();
  for (size_t i = 0; i < table->size; i++) {
    for (struct entry *entry = table->buckets[i], *next; entry != NULL; entry = next) {
      next = entry->next;
      struct entry **link = bucket(&larger, entry->key);
      entry->next = *link;
      *link = entry;
    }
  }
  free(table->buckets);
  table->buckets = larger.buckets;
  table->size = larger.size;
}

void table_put(struct table *table, struct entry *entry) {
  if (table->count >= table->size) grow(table);
  struct entry **link = bucket(table, entry->key);
  entry->next = *link;
  *link = entry;
  table->count++;
}

struct entry *table_take(struct table *table, int key) {
  if (table->size == 0) return NULL;
  struct entry **link = find(table, key);
  struct entry *entry = *link;
  if (entry == NULL) return NULL;
  *link = entry->next;
  table->count--;
  return entry;
}

struct entry *table_drain(struct table *table) {
  for (size_t i = 0; i < table->size; i++) {
    if (table->buckets[i] != NULL) return table_take(table, table->buckets[i]->key);
  }
  free(table->buckets);
  *table = (struct table){0};
  return NULL;
}

struct entry *table_find(const struct table *table, int (*matches)(const struct entry *, long), long wanted) {
  for (size_t i = 0; i < table->size; i++) {
    for (struct entry *entry = table->buckets[i]; entry != NULL; entry = entry->next) {
      if (matches(entry, wanted)) return entry;
    }
  }
  return NULL;
}
