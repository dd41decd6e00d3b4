/* A doubly linked list whose links stand in what it lists: nothing is
 * allocated, and an item is taken out without a search. */
#ifndef dt_list_h
#define dt_list_h

#include <stddef.h>

/* The links of an item, in as many lists as it has of these.  Empty when all
 * zero. */
typedef struct dt_list_node {
  struct dt_list_node *next, *previous;
} dt_list_node;

/* Empty when all zero. */
typedef struct dt_list {
  dt_list_node *first, *last;
} dt_list;

static inline void dt_list_append(dt_list *list, dt_list_node *node) {
  node->next = NULL;
  node->previous = list->last;
  *(list->last ? &list->last->next : &list->first) = node;
  list->last = node;
}

static inline void dt_list_prepend(dt_list *list, dt_list_node *node) {
  node->previous = NULL;
  node->next = list->first;
  *(list->first ? &list->first->previous : &list->last) = node;
  list->first = node;
}

/* Removes a node that is in the list. */
static inline void dt_list_remove(dt_list *list, dt_list_node *node) {
  *(node->previous ? &node->previous->next : &list->first) = node->next;
  *(node->next ? &node->next->previous : &list->last) = node->previous;
  node->next = node->previous = NULL;
}

/* The item whose node stands at that offset in it; NULL for NULL. */
static inline void *dt_list_item(dt_list_node *node, size_t offset) {
  return node ? (char *)node - offset : NULL;
}

/* The first item of a list whose items, of 'type', have its node in 'member';
 * the one behind 'item'.  NULL: there is none. */
#define DT_LIST_FIRST(type, member, list)                                      \
  ((type *)dt_list_item((list)->first, offsetof(type, member)))
#define DT_LIST_NEXT(type, member, item)                                       \
  ((type *)dt_list_item((item)->member.next, offsetof(type, member)))

/* Walks a list.  The body of the loop must not remove 'item'. */
#define DT_LIST_EACH(type, member, item, list)                                 \
  for (type *item = DT_LIST_FIRST(type, member, list); item;                   \
       item = DT_LIST_NEXT(type, member, item))

#endif
