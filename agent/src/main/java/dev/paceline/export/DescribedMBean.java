package dev.paceline.export;

import java.lang.reflect.Method;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/** An MXBean whose descriptions are those of its interface ({@link MeaningInJmx}). */
final class DescribedMBean extends StandardMBean {
  private <T> DescribedMBean(T bean, Class<T> type) {
    super(bean, type, true);
  }

  static <T> StandardMBean of(T bean, Class<T> type) {
    return new DescribedMBean(bean, type);
  }

  @Override
  protected String getDescription(MBeanInfo info) {
    return text(getMBeanInterface().getAnnotation(MeaningInJmx.class), super.getDescription(info));
  }

  @Override
  protected String getDescription(MBeanAttributeInfo info) {
    return of((info.isIs() ? "is" : "get") + info.getName(), super.getDescription(info));
  }

  @Override
  protected String getDescription(MBeanOperationInfo info) {
    return of(info.getName(), super.getDescription(info));
  }

  private String of(String method, String otherwise) {
    for (Method candidate : getMBeanInterface().getMethods()) {
      if (candidate.getName().equals(method)) {
        return text(candidate.getAnnotation(MeaningInJmx.class), otherwise);
      }
    }
    return otherwise;
  }

  private static String text(@Nullable MeaningInJmx meaning, String otherwise) {
    return meaning == null ? otherwise : meaning.value();
  }
}
