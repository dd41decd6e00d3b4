#ifndef DL_CONTROL_DOCTOR_H
#define DL_CONTROL_DOCTOR_H

#pragma GCC visibility push(hidden)

int dl_doctor_main(int argc, char **argv);

#pragma GCC visibility pop

#endif
