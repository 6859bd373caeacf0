FROM centos:7
RUN yum clean all && yum -y install httpd
