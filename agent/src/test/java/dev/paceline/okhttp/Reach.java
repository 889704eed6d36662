package dev.paceline.okhttp;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What the agent's objects reach over their own fields, and collections. */
public final class Reach {
  private Reach() {}

  /** The found objects' classes. */
  public static List<String> from(Object start, Predicate<Class<?>> wanted) {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>(List.of(start));
    List<String> found = new ArrayList<>();
    while (!open.isEmpty()) {
      Object at = open.pop();
      if (!seen.add(at)) {
        continue;
      }
      if (wanted.test(at.getClass())) {
        found.add(at.getClass().getName());
      } else {
        next(at).stream().filter(o -> o != null).forEach(open::push);
      }
    }
    return found;
  }

  private static List<Object> next(Object at) {
    List<Object> next = new ArrayList<>();
    if (at instanceof Map<?, ?> map) {
      next.addAll(map.keySet());
      next.addAll(map.values());
    } else if (at instanceof Collection<?> all) {
      next.addAll(all);
    } else if (at instanceof Object[] array) {
      next.addAll(java.util.Arrays.asList(array));
    } else if (at.getClass().getName().startsWith("dev.paceline.")) {
      for (Class<?> c = at.getClass(); c != null && c != Object.class; c = c.getSuperclass()) {
        for (Field field : c.getDeclaredFields()) {
          if (!field.getType().isPrimitive() && !Modifier.isStatic(field.getModifiers())) {
            next.add(get(field, at));
          }
        }
      }
    }
    return next;
  }

  private static Object get(Field field, Object at) {
    try {
      field.setAccessible(true);
      return field.get(at);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null; // of a JDK class, or a record's or lambda's that may not be opened
    }
  }
}
